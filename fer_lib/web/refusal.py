"""What the website answers where it cannot do what was asked."""


class Refusal(Exception):
    """An answer with an error status: a short code for programs and a sentence for people."""

    def __init__(self, status, code, sentence):
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
