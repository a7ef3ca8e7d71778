"""What goes wrong by a mistake that the user can mend."""


class Problem(Exception):
    """A user's mistake or a missing file: one line that says what is wrong and what to do.

    The command line prints the line alone; a notebook shows it as the error's last line.
    """
