"""Tasks are chosen, run within limits, resumed, and put together."""

import json
import sys
from dataclasses import replace

import pytest

from benchmarks import process, runner
from benchmarks.code_lines import counts, lines_of
from benchmarks.results import OtherMachineError, Results
from benchmarks.selection import Limits, Task, skip_reason, tasks
from benchmarks.tools.interface import TOOLS

TASK = Task(
    problem="luksan_vlcek_1",
    size_name="n=50",
    size={"num_variables": 50},
    variables=50,
    tool="sparseopt",
    stages=("setup", "evaluate", "whole"),
    limits=Limits(budget=0.001, timeout=60.0, memory=8.0),
)


def run_of(seconds, **more):
    return {"total_seconds": seconds, **more}


def run_task(task):
    (result,) = runner.run_in_turn([task])
    return result


class Processes:
    """Stands in for worker processes: notes what was started, returns prepared results."""

    def __init__(self, answer):
        self.answer, self.started, self.caches = answer, [], []

    def __call__(self, task, stages, cache, threads=1):
        self.started.append((stages, threads))
        self.caches.append(cache)
        return self.answer(stages, threads)


@pytest.fixture
def processes(monkeypatch):
    def use(answer):
        found = Processes(answer)
        monkeypatch.setattr(runner, "work", found)
        return found

    return use


def good(stages, threads):
    values = {"seconds": {}, "checksums": {}}
    if "whole" in stages:
        return {"whole": run_of(3.0)}
    found = {"setup": run_of(1.0)}
    if "evaluate" in stages:
        found["evaluate"] = values
    if "threads" in stages:
        times = {"jacobian": {"median": threads}}
        found["threads"] = {"seconds": times, "digests": {"jacobian": "bits"}}
    return found


def test_a_cold_cache_is_empty_and_a_warm_one_has_been_used(processes):
    started = processes(good)
    result = run_task(TASK)
    assert [stages for stages, _ in started.started] == [
        ("setup",),
        ("evaluate",),
        ("whole",),
        ("whole",),
    ]
    assert started.caches[0] == started.caches[1] != started.caches[2] == started.caches[3]
    assert result["setup"].keys() == result["whole"].keys() == {"cold", "warm"}


def test_other_tools_set_up_in_the_process_that_evaluates(processes):
    started = processes(good)
    result = run_task(replace(TASK, tool="casadi_mx", stages=("setup", "evaluate")))
    assert [stages for stages, _ in started.started] == [("evaluate",)]
    assert result["setup"].keys() == {"cold"}


def test_repeated_set_up_gives_a_median_and_all_totals(processes):
    seconds = iter([5.0, 1.0, 2.0])
    processes(lambda stages, threads: {"setup": run_of(next(seconds))})
    limits = replace(TASK.limits, repeats=3)
    task = replace(TASK, tool="casadi_mx", stages=("setup",), limits=limits)
    cold = run_task(task)["setup"]["cold"]
    assert (cold["total_seconds"], cold["totals"]) == (2.0, [1.0, 2.0, 5.0])


def test_a_failure_is_recorded_for_the_stages_that_were_not_reached(processes):
    started = processes(lambda stages, threads: {"failed": "over 60 s"})
    result = run_task(TASK)
    assert len(started.started) == 1
    assert result["failures"] == dict.fromkeys(TASK.stages, "over 60 s")


def test_threads_run_with_one_and_with_two(processes):
    started = processes(good)
    result = run_task(replace(TASK, stages=("threads",)))
    assert [threads for _, threads in started.started] == [1, 2]
    assert result["threads"]["2"]["seconds"] == {"jacobian": {"median": 2}}


def test_repeated_threads_alternate_and_give_the_middle_time_and_all_bits(processes):
    medians, bits = iter([3.0, 1.0, 9.0, 2.0, 5.0, 3.0]), iter("aaabaa")

    def answer(stages, threads):
        times = {"jacobian": {"median": next(medians)}}
        return {"threads": {"seconds": times, "digests": {"jacobian": next(bits)}}}

    started = processes(answer)
    found = run_task(replace(TASK, stages=("threads",), limits=replace(TASK.limits, repeats=3)))
    assert [threads for _, threads in started.started] == [1, 2, 1, 2, 1, 2]
    assert found["threads"]["1"]["seconds"] == {"jacobian": {"median": 5.0}}
    assert found["threads"]["2"]["seconds"] == {"jacobian": {"median": 2.0}}
    assert [found["threads"][n]["digests"] for n in "12"] == [
        {"jacobian": "a"},
        {"jacobian": "a b"},
    ]


def test_tools_take_turns_and_a_cold_process_has_its_warm_one_next(processes):
    started = processes(good)
    limits = replace(TASK.limits, repeats=2)
    ours = replace(TASK, stages=("setup", "evaluate"), limits=limits)
    found = runner.run_in_turn([ours, replace(ours, tool="casadi_mx")])
    expected = [("setup",), ("setup",), ("setup",), ("setup",), ("evaluate",), ("evaluate",)]
    assert [stages for stages, _ in started.started] == expected
    cold, warm, other, last, _, values = started.caches
    assert len({cold, other, last}) == 3
    assert (warm, values) == (cold, last)
    assert {name: len(runs["totals"]) for name, runs in found[0]["setup"].items()} == {
        "cold": 2,
        "warm": 2,
    }
    assert len(found[1]["setup"]["cold"]["totals"]) == 2


def test_a_tool_that_is_not_installed_is_asked_once(processes):
    started = processes(lambda stages, threads: {"skipped": "casadi is not installed"})
    task = replace(TASK, tool="casadi_mx", stages=("evaluate",))
    two = [task, replace(task, problem="bratu_control")]
    found = [pair for group in runner.run(two, lambda task: task) for pair in group]
    assert len(started.started) == 1
    assert [result["skipped"] for _, result in found] == ["casadi is not installed"] * 2


def test_a_process_over_its_time_is_a_failure(tmp_path):
    task = replace(TASK, limits=Limits(timeout=0.2))
    assert process.work(task, ("setup",), str(tmp_path)) == {"failed": "over 0.2 s"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's")
def test_a_process_over_its_memory_is_a_failure(tmp_path):
    task = replace(TASK, size={"num_variables": 10**8}, limits=Limits(memory=0.5))
    assert process.work(task, ("setup",), str(tmp_path)) == {"failed": "over 0.5 GB"}


def test_the_smallest_size_with_enough_variables_is_taken():
    limits = Limits()
    found = list(
        tasks(["luksan_vlcek_1"], ("small", "medium", "large"), ["sparseopt"], ["whole"], limits, 2)
    )
    assert [task.variables for task in found] == [min(task.variables for task in found)]
    assert list(tasks(["hs071"], ("small",), ["sparseopt"], ["setup"], limits, 10_000)) == []


def test_scalar_graphs_of_many_variables_are_not_started():
    assert "200,000" in skip_reason(replace(TASK, tool="casadi_sx", variables=10**6))
    assert skip_reason(TASK) is None


def test_resumed_results_leave_out_what_is_done(tmp_path):
    path = tmp_path / "results.json"
    results = Results(path, resume=False)
    failed = {**TASK.head(), "failures": {"whole": "over 60 s"}, "setup": {"cold": run_of(1.0)}}
    results.add(replace(TASK, stages=("setup", "whole")), failed)
    again = Results(path, resume=True)
    assert again.left(TASK).stages == ("evaluate",)
    again.add(TASK, {**TASK.head(), "evaluate": {"seconds": {}, "checksums": {}}})
    assert again.left(TASK) is None
    assert Results(path, resume=False).left(TASK) == TASK


def test_failures_run_again_where_that_is_asked_for(tmp_path):
    path, task = tmp_path / "results.json", replace(TASK, stages=("setup", "whole"))
    results = Results(path, resume=False)
    failed = {**TASK.head(), "failures": {"whole": "over 60 s"}, "setup": {"cold": run_of(1.0)}}
    results.add(task, failed)
    results.add(task, {**TASK.head(), "tool": "casadi_mx", "skipped": "casadi is not installed"})
    assert Results(path, resume=True).left(task) is None
    again = Results(path, resume=True, retry=True)
    assert again.left(task).stages == ("whole",)
    assert again.left(replace(task, tool="casadi_mx")).stages == task.stages


def test_what_a_run_did_not_reach_is_in_its_file(tmp_path):
    path, rival = tmp_path / "results.json", replace(TASK, tool="casadi_mx")
    results = Results(path, resume=False)
    results.plan([TASK, rival])
    results.add(TASK, {**TASK.head(), "setup": {}, "failures": {"whole": "over 1 s"}})
    left = {"luksan_vlcek_1 n=50 casadi_mx": "setup evaluate whole"}
    assert json.loads(path.read_text())["not_run"] == left
    again = Results(path, resume=True)
    again.add(rival, {**rival.head(), "skipped": "not installed"})
    assert json.loads(path.read_text())["not_run"] == {}


def test_results_of_two_machines_do_not_mix(tmp_path):
    path = tmp_path / "results.json"
    Results(path, resume=False).write()
    report = json.loads(path.read_text())
    report["machine"]["processor"] = "another"
    path.write_text(json.dumps(report))
    with pytest.raises(OtherMachineError, match="another"):
        Results(path, resume=True)


def test_versions_of_tools_that_are_gone_stay_in_the_file(tmp_path):
    path = tmp_path / "results.json"
    Results(path, resume=False).write()
    report = json.loads(path.read_text())
    report["machine"]["packages"]["a tool"] = "1.0"
    path.write_text(json.dumps(report))
    assert Results(path, resume=True).machine["packages"]["a tool"] == "1.0"


def test_lines_of_code_leave_out_what_models_share():
    source = '''
def shared():
    return 0

def _part():
    return shared()

def first():
    """Words."""

    # more words
    return (
        _part()
    )

def second():
    return shared()
'''
    assert lines_of(source, "first") == 6
    assert lines_of(source, "second") == 2
    assert counts(["hs071"])["hs071"]["sparseopt"] > 3


def test_every_tool_names_a_module_and_a_class():
    assert all(":" in place for place in TOOLS.values())
