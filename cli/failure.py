"""The one error that reaches the user as a line instead of a traceback."""


class Failure(Exception):
    """What went wrong and what to do about it.

    :param cause: a clause without full stop: "no network: cannot reach the Debian mirror"
    :param remedy: an instruction without full stop: "check the connection and start again"
    """

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause, remedy)
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        remedy = self.remedy[:1].upper() + self.remedy[1:]
        return f"{self.cause}. {remedy}.".replace("\n", " ")
