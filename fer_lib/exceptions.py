"""The exception for mistakes that the user can fix."""


class Problem(Exception):
    """A user's mistake or a missing file: one line that states what is wrong and what to do.

    The command line prints only this line; a notebook shows it as the error's last line.
    """
