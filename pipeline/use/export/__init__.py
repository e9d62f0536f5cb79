"""A published catalog handed over in the form that somebody else works with: tables, a workbook, records, a graph."""
