"""State machines of hypothesis that work on records."""

from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


class RecordMachine(RuleBasedStateMachine):
    """Each run happens in a transaction of its own, which is rolled back."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)


def run_machine(machine, runs, steps):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, stateful_step_count=steps, phases=["generate"], deadline=None
        ),
    )
