"""Replica: this process among those that share a database."""


class Replica:
    """The only process on its database: alive for ever, and its own leader.

    Attributes:
        id: of the process in the database; a new one after its lease was lost.
        generation: counts the ids: whoever holds something in memory by the old one drops it.
        reign: counts the times that this process has become the leader.
    """

    is_alone = True

    def __init__(self) -> None:
        self.id = "alone"
        self.generation = 0
        self.reign = 1

    @property
    def is_alive(self) -> bool:
        """Tell whether others surely take this process to be alive still."""
        return True

    @property
    def is_leader(self) -> bool:
        """Tell whether surely no other process is the leader yet."""
        return True
