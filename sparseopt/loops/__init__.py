"""Long loops as single operations: the body is traced once, time steps run in compiled code.

``scan`` is the public function, ``body`` records the step, ``derived`` differentiates it,
``checkpoints`` says which carries reverse mode keeps, ``compiled`` and ``interpreted`` run the
loop, ``function`` is the node of a Program, ``structure`` its patterns, ``defects`` the loop
written all at once.
"""
