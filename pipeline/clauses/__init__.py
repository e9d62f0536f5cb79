"""Terms prose to typed statements: blocks, sentences, clauses, rules. Pure: a document in, statements out."""

from pipeline.clauses.reader import read_statements

__all__ = ["read_statements"]
