"""DuckDB's engine, loaded by itself.

The package `duckdb` re-exports its extension module `_duckdb` and adds relations, expressions and file systems, whose
import takes longer than reading the whole catalog does. The names here are the very same objects, so an error that is
caught by one name is caught by the other. Where a version of DuckDB has no such module, the package serves.
"""

try:
    from _duckdb import DuckDBPyConnection as Connection
    from _duckdb import Error, connect
except ImportError:  # pragma: no cover - not with the locked version
    from duckdb import DuckDBPyConnection as Connection
    from duckdb import Error, connect

__all__ = ["Connection", "Error", "connect"]
