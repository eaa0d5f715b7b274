"""The options of Ipopt: name, kind, and the admissible range or choices.

Read off Ipopt 3.14.19's own documentation (``print_options_documentation``), so that a wrong name,
kind or value is refused here, with advice, before Ipopt prints about it and gives up.  A library of
another version may lack some of them; then its refusal is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sparseopt.solvers.options import OptionTable

_TABLE = """
accept_after_max_steps integer [-1, inf)
accept_every_trial_step choice yes no
acceptable_compl_inf_tol number (0, inf)
acceptable_constr_viol_tol number (0, inf)
acceptable_dual_inf_tol number (0, inf)
acceptable_iter integer [0, inf)
acceptable_obj_change_tol number [0, inf)
acceptable_tol number (0, inf)
adaptive_mu_globalization choice kkt-error obj-constr-filter never-monotone-mode
adaptive_mu_kkt_norm_type choice 1-norm 2-norm-squared max-norm 2-norm
adaptive_mu_kkterror_red_fact number (0, 1)
adaptive_mu_kkterror_red_iters integer [0, inf)
adaptive_mu_monotone_init_factor number (0, inf)
alpha_for_y choice primal bound-mult min max full min-dual-infeas safer-min-dual-infeas primal-and-full dual-and-full acceptor
alpha_for_y_tol number [0, inf)
alpha_min_frac number (0, 1)
alpha_red_factor number (0, 1)
barrier_tol_factor number (0, inf)
bound_frac number (0, 0.5]
bound_mult_init_method choice constant mu-based
bound_mult_init_val number (0, inf)
bound_mult_reset_threshold number [0, inf)
bound_push number (0, inf)
bound_relax_factor number [0, inf)
check_derivatives_for_naninf choice yes no
compl_inf_tol number (0, inf)
constr_mult_init_max number [0, inf)
constr_mult_reset_threshold number [0, inf)
constr_viol_tol number (0, inf)
corrector_compl_avrg_red_fact number (0, inf)
corrector_type choice none affine primal-dual
delta number (0, inf)
dependency_detection_with_rhs choice yes no
dependency_detector choice none mumps
derivative_test choice none first-order second-order only-second-order
derivative_test_first_index integer [-2, inf)
derivative_test_perturbation number (0, inf)
derivative_test_print_all choice yes no
derivative_test_tol number (0, inf)
diverging_iterates_tol number (0, inf)
dual_inf_tol number (0, inf)
eta_phi number (0, 0.5)
expect_infeasible_problem choice yes no
expect_infeasible_problem_ctol number [0, inf)
expect_infeasible_problem_ytol number (0, inf)
fast_step_computation choice yes no
file_append choice yes no
file_print_level integer [0, 12]
filter_margin_fact number (0, 1)
filter_max_margin number (0, inf)
filter_reset_trigger integer [1, inf)
findiff_perturbation number (0, inf)
first_hessian_perturbation number (0, inf)
fixed_mu_oracle choice probing loqo quality-function average_compl
fixed_variable_treatment choice make_parameter make_parameter_nodual make_constraint relax_bounds
gamma_phi number (0, 1)
gamma_theta number (0, 1)
grad_f_constant choice yes no
gradient_approximation choice exact finite-difference-values
hessian_approximation choice exact limited-memory
hessian_approximation_space choice nonlinear-variables all-variables
hessian_constant choice yes no
honor_original_bounds choice yes no
hsllib text
inf_pr_output choice internal original
jac_c_constant choice yes no
jac_d_constant choice yes no
jacobian_approximation choice exact finite-difference-values
jacobian_regularization_exponent number [0, inf)
jacobian_regularization_value number [0, inf)
kappa_d number [0, inf)
kappa_sigma number (0, inf)
kappa_soc number (0, inf)
least_square_init_duals choice no yes
least_square_init_primal choice no yes
limited_memory_aug_solver choice sherman-morrison extended
limited_memory_init_val number (0, inf)
limited_memory_init_val_max number (0, inf)
limited_memory_init_val_min number (0, inf)
limited_memory_initialization choice scalar1 scalar2 scalar3 scalar4 constant
limited_memory_max_history integer [0, inf)
limited_memory_max_skipping integer [1, inf)
limited_memory_update_type choice bfgs sr1
line_search_method choice filter cg-penalty penalty
linear_scaling_on_demand choice yes no
linear_solver choice ma27 ma57 ma77 ma86 ma97 pardiso spral mumps custom pardisomkl wsmp
linear_system_scaling choice none mc19 slack-based
ma27_ignore_singularity choice yes no
ma27_la_init_factor number [1, inf)
ma27_liw_init_factor number [1, inf)
ma27_meminc_factor number [1, inf)
ma27_pivtol number (0, 1)
ma27_pivtolmax number (0, 1)
ma27_print_level integer [0, 4]
ma27_skip_inertia_check choice yes no
ma57_automatic_scaling choice yes no
ma57_block_size integer [1, inf)
ma57_node_amalgamation integer [1, inf)
ma57_pivot_order integer [0, 5]
ma57_pivtol number (0, 1)
ma57_pivtolmax number (0, 1)
ma57_pre_alloc number [1, inf)
ma57_print_level integer [0, inf)
ma57_small_pivot_flag integer [0, 1]
ma77_buffer_lpage integer [1, inf)
ma77_buffer_npage integer [1, inf)
ma77_file_size integer [1, inf)
ma77_maxstore integer [0, inf)
ma77_nemin integer [1, inf)
ma77_order choice amd metis
ma77_print_level integer (-inf, inf)
ma77_small number [0, inf)
ma77_static number [0, inf)
ma77_u number [0, 0.5]
ma77_umax number [0, 0.5]
ma86_nemin integer [1, inf)
ma86_order choice auto amd metis
ma86_print_level integer (-inf, inf)
ma86_scaling choice none mc64 mc77
ma86_small number [0, inf)
ma86_static number [0, inf)
ma86_u number [0, 0.5]
ma86_umax number [0, 0.5]
ma97_nemin integer [1, inf)
ma97_order choice auto best amd metis matched-auto matched-metis matched-amd
ma97_print_level integer (-inf, inf)
ma97_scaling choice none mc30 mc64 mc77 dynamic
ma97_scaling1 choice none mc30 mc64 mc77
ma97_scaling2 choice none mc30 mc64 mc77
ma97_scaling3 choice none mc30 mc64 mc77
ma97_small number [0, inf)
ma97_solve_blas3 choice no yes
ma97_switch1 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
ma97_switch2 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
ma97_switch3 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
ma97_u number [0, 0.5]
ma97_umax number [0, 0.5]
max_cpu_time number (0, inf)
max_filter_resets integer [0, inf)
max_hessian_perturbation number (0, inf)
max_iter integer [0, inf)
max_refinement_steps integer [0, inf)
max_resto_iter integer [0, inf)
max_soc integer [0, inf)
max_soft_resto_iters integer [0, inf)
max_wall_time number (0, inf)
mehrotra_algorithm choice yes no
min_hessian_perturbation number [0, inf)
min_refinement_steps integer [0, inf)
mu_init number (0, inf)
mu_linear_decrease_factor number (0, 1)
mu_max number (0, inf)
mu_max_fact number (0, inf)
mu_min number (0, inf)
mu_oracle choice probing loqo quality-function
mu_strategy choice monotone adaptive
mu_superlinear_decrease_power number (1, 2)
mu_target number [0, inf)
mumps_dep_tol number (-inf, inf)
mumps_mem_percent integer [0, inf)
mumps_permuting_scaling integer [0, 7]
mumps_pivot_order integer [0, 7]
mumps_pivtol number [0, 1]
mumps_pivtolmax number [0, 1]
mumps_print_level integer [0, inf)
mumps_scaling integer [-2, 77]
neg_curv_test_reg choice yes no
neg_curv_test_tol number [0, inf)
nlp_lower_bound_inf number (-inf, inf)
nlp_scaling_constr_target_gradient number [0, inf)
nlp_scaling_max_gradient number (0, inf)
nlp_scaling_method choice none user-scaling gradient-based equilibration-based
nlp_scaling_min_value number [0, inf)
nlp_scaling_obj_target_gradient number [0, inf)
nlp_upper_bound_inf number (-inf, inf)
nu_inc number (0, inf)
nu_init number (0, inf)
num_linear_variables integer [0, inf)
obj_max_inc number (1, inf)
obj_scaling_factor number (-inf, inf)
option_file_name text
output_file text
pardiso_iter_coarse_size integer [1, inf)
pardiso_iter_dropping_factor number (0, 1)
pardiso_iter_dropping_schur number (0, 1)
pardiso_iter_inverse_norm_factor number (1, inf)
pardiso_iter_max_levels integer [1, inf)
pardiso_iter_max_row_fill integer [1, inf)
pardiso_iter_relative_tol number (0, 1)
pardiso_iterative choice yes no
pardiso_matching_strategy choice complete complete+2x2 constraints
pardiso_max_droptol_corrections integer [1, inf)
pardiso_max_iter integer [1, inf)
pardiso_max_iterative_refinement_steps integer (-inf, inf)
pardiso_msglvl integer [0, inf)
pardiso_order choice amd one metis pmetis four five
pardiso_skip_inertia_check choice yes no
pardisolib text
perturb_always_cd choice yes no
perturb_dec_fact number (0, 1)
perturb_inc_fact number (1, inf)
perturb_inc_fact_first number (1, inf)
point_perturbation_radius number [0, inf)
print_advanced_options choice yes no
print_frequency_iter integer [1, inf)
print_frequency_time number [0, inf)
print_info_string choice yes no
print_level integer [0, 12]
print_options_documentation choice yes no
print_options_mode choice text latex doxygen
print_timing_statistics choice yes no
print_user_options choice yes no
quality_function_centrality choice none log reciprocal cubed-reciprocal
quality_function_max_section_steps integer [0, inf)
quality_function_norm_type choice 1-norm 2-norm-squared max-norm 2-norm
quality_function_section_qf_tol number [0, 1)
quality_function_section_sigma_tol number [0, 1)
recalc_y choice no yes
recalc_y_feas_tol number (0, inf)
replace_bounds choice yes no
required_infeasibility_reduction number [0, 1)
residual_improvement_factor number (0, inf)
residual_ratio_max number (0, inf)
residual_ratio_singular number (0, inf)
resto_failure_feasibility_threshold number [0, inf)
resto_penalty_parameter number (0, inf)
resto_proximity_weight number [0, inf)
rho number (0, 1)
s_max number (0, inf)
s_phi number (1, inf)
s_theta number (1, inf)
sb choice yes no
sigma_max number (0, inf)
sigma_min number [0, inf)
skip_corr_if_neg_curv choice yes no
skip_corr_in_monotone_mode choice yes no
skip_finalize_solution_call choice yes no
slack_bound_frac number (0, 0.5]
slack_bound_push number (0, inf)
slack_move number [0, inf)
soc_method integer [0, 1]
soft_resto_pderror_reduction_factor number [0, inf)
spral_cpu_block_size integer [1, inf)
spral_gpu_perf_coeff number (0, inf)
spral_ignore_numa choice no yes
spral_max_load_inbalance number (1, inf)
spral_min_gpu_work number [0, inf)
spral_nemin integer [1, inf)
spral_order choice metis matching
spral_pivot_method choice aggressive block threshold
spral_print_level integer (-inf, inf)
spral_scaling choice none mc64 auction matching ruiz dynamic
spral_scaling_1 choice none mc64 auction matching ruiz
spral_scaling_2 choice none mc64 auction matching ruiz
spral_scaling_3 choice none mc64 auction matching ruiz
spral_small number (0, inf)
spral_small_subtree_threshold number (0, inf)
spral_switch_1 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
spral_switch_2 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
spral_switch_3 choice never at_start at_start_reuse on_demand on_demand_reuse high_delay high_delay_reuse od_hd od_hd_reuse
spral_u number (0, 0.5]
spral_umax number (0, 0.5]
spral_use_gpu choice yes no
start_with_resto choice yes no
tau_min number (0, 1)
theta_max_fact number (0, inf)
theta_min_fact number (0, inf)
timing_statistics choice yes no
tiny_step_tol number [0, inf)
tiny_step_y_tol number [0, inf)
tol number (0, inf)
warm_start_bound_frac number (0, 0.5]
warm_start_bound_push number (0, inf)
warm_start_entire_iterate choice no yes
warm_start_init_point choice no yes
warm_start_mult_bound_push number (0, inf)
warm_start_mult_init_max number (-inf, inf)
warm_start_same_structure choice yes no
warm_start_slack_bound_frac number (0, 0.5]
warm_start_slack_bound_push number (0, inf)
warm_start_target_mu number (-inf, inf)
watchdog_shortened_iter_trigger integer [0, inf)
watchdog_trial_iter_max integer [1, inf)
"""  # noqa: E501


@cache
def ipopt_option_rules() -> OptionTable:
    """Return the rule for each option of Ipopt by name.

    Examples
    --------
    >>> ipopt_option_rules()["max_iter"].kind
    'integer'
    """
    return OptionTable(_TABLE)


def has_exact_hessian(options: Mapping[str, Any]) -> bool:
    """Return whether a solve with these options evaluates the Hessian.

    Examples
    --------
    >>> has_exact_hessian({"tol": 1e-9})
    True
    >>> has_exact_hessian({"hessian_approximation": "limited-memory"})
    False
    """
    return bool(options.get("hessian_approximation", "exact") == "exact")
