from projects.management.commands import load_history
from projects.sample_data.loader import SAMPLE


class Command(load_history.Command):
    help = "Load the call of 2019 with its projects and organisations, unless already present."
    file = SAMPLE
