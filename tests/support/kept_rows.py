"""Rows as they were at a moment, brought back: cheaper than doing again what wrote them."""

from sqlalchemy import Engine, text

_TABLES = text(
    """
    select format('%I', class.relname) as name,
        string_agg(format('%I', attname), ', ' order by attnum) as columns
    from pg_class as class join pg_attribute as attribute on attribute.attrelid = class.oid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
        and relname like :tables
        and attnum > 0 and not attisdropped and attgenerated = ''
    group by class.relname
    """
)


class KeptRows:
    """All rows of a database. engine: its owner's; bringing rows back takes a superuser, as the portal's triggers and
    keys look at none of them. tables: a pattern of SQL's for those that are meant.
    """

    def __init__(self, engine: Engine, *, tables: str = "%") -> None:
        self._rows: dict[str, bytes] = {}
        with engine.begin() as connection:
            cursor = connection.connection.cursor()
            for name, columns in connection.execute(_TABLES, {"tables": tables}):
                with cursor.copy(f"copy {name} ({columns}) to stdout") as copy:
                    if rows := b"".join(bytes(part) for part in copy):
                        self._rows[f"{name} ({columns})"] = rows

    def bring_back(self, engine: Engine) -> None:
        """Write them into a database whose tables are empty."""
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            cursor = connection.connection.cursor()
            for table, rows in self._rows.items():
                with cursor.copy(f"copy {table} from stdin") as copy:
                    copy.write(rows)
