"""What an engine refuses, in words that a user can act on."""


class EngineError(ValueError):
    """Input that has no answer; the models turn it into a message for the user."""


class CycleError(EngineError):
    """Decisions that rest on each other in a circle.

    :param codes: the codes along the circle, the first one repeated at the end
    """

    def __init__(self, codes):
        self.codes = tuple(codes)
        super().__init__(" -> ".join(map(str, self.codes)))
