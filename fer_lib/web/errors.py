"""Errors that the website reports to its clients."""


class ApiError(Exception):
    """A request that can't be fulfilled.

    Args:
        status: HTTP status of the response.
        code: Reason for programs, such as `"busy"`.
        message: What is wrong and what to do, for people.

    Attributes:
        status: As given.
        code: As given.
        message: As given.
    """

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
