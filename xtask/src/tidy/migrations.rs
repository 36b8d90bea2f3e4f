//! Migrations are one text for SQLite, PostgreSQL and Citus.
//!
//! Citus distributes a table by one column, which then has to be part of every primary and unique key, and refuses foreign keys
//! that it cannot check on one node. Nothing here needs Citus: the text is enough.

use std::collections::BTreeMap;

use super::Violation;
use super::sql::{self, Key, Script, Table};
use crate::tree::{File, Tree};

/// The five types that `store` maps to each engine.
const TYPES: &[&str] = &["bigint", "text", "boolean", "bytes", "double"];

/// Words that at least one engine lacks, or that would bring in a clock, a sequence or hidden code.
const UNPORTABLE: &[&str] = &[
    "ilike",
    "trigger",
    "function",
    "procedure",
    "sequence",
    "autoincrement",
    "nextval",
    "current_timestamp",
    "current_date",
    "date_trunc",
    "gen_random_uuid",
    "array",
];

fn scripts(tree: &Tree) -> impl Iterator<Item = (&File, Script)> {
    let migrations = tree.with_extension("sql").filter(|file| file.folder().ends_with("/migrations"));
    migrations.filter_map(|file| Some((file, sql::parse(file.text()?))))
}

/// No word, type or call that only one engine understands.
pub fn portable(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (file, script) in scripts(tree) {
        for statement in &script.statements {
            let words: Vec<_> = statement.tokens.iter().filter(|token| !token.quoted).collect();
            for (index, word) in words.iter().enumerate() {
                let next = words.get(index + 1).map(|token| token.text.as_str());
                let bad = match word.text.as_str() {
                    "now" => next == Some("("),
                    "any" => index > 0 && words[index - 1].text == "=",
                    // Of a cast; that of a column is looked at below, and a column may have such a name.
                    "numeric" | "decimal" | "timestamptz" | "uuid" => {
                        index > 0 && words[index - 1].text == "as"
                    }
                    text => UNPORTABLE.contains(&text),
                };
                if bad {
                    found.push(Violation::new(
                        &file.path,
                        word.line,
                        format!("`{}` is not portable", word.text),
                    ));
                }
            }
            let mut columns = statement.table().map_or(Vec::new(), |table| table.columns);
            columns.extend(statement.added_column());
            for (name, kind, line) in columns.iter().filter(|(_, kind, _)| !TYPES.contains(&kind.as_str())) {
                let text = format!("column `{name}` has type `{kind}`, not one of {}", TYPES.join(", "));
                found.push(Violation::new(&file.path, *line, text));
            }
        }
    }
    found
}

/// Where the rows of a table live when the database is spread over servers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// By the value of a column, perhaps beside the rows of another table.
    Shard { column: String, with: Option<String> },
    /// On every server.
    Copy,
    /// On the coordinator.
    Local,
}

fn place(comment: &str) -> Option<Place> {
    let words: Vec<&str> = comment.split_whitespace().collect();
    match words[..] {
        ["local"] => Some(Place::Local),
        ["copy:", "everywhere"] => Some(Place::Copy),
        ["shard:", column] => Some(Place::Shard { column: column.to_owned(), with: None }),
        ["shard:", column, "with", table] => {
            Some(Place::Shard { column: column.to_owned(), with: Some(table.to_owned()) })
        }
        _ => None,
    }
}

/// A table with its directive; the place is missing where the directive is.
struct Placed<'a> {
    file: &'a File,
    table: Table,
    place: Option<Place>,
}

fn tables(tree: &Tree) -> Vec<Placed<'_>> {
    let mut tables = Vec::new();
    for (file, script) in scripts(tree) {
        for table in script.statements.iter().filter_map(sql::Statement::table) {
            let directive = |line: usize| {
                let comments = script.comments.iter().filter(|(at, _)| *at == line);
                comments.filter_map(|(_, comment)| place(comment)).next()
            };
            let place = directive(table.last_line).or_else(|| directive(table.last_line + 1));
            tables.push(Placed { file, table, place });
        }
    }
    tables
}

/// Every table has exactly one directive, right after it, and no directive stands anywhere else.
pub fn directives(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let tables = tables(tree);
    let places: BTreeMap<&str, &Option<Place>> =
        tables.iter().map(|placed| (placed.table.name.as_str(), &placed.place)).collect();
    for Placed { file, table, place } in &tables {
        let name = &table.name;
        let mut complain = |text: String| found.push(Violation::new(&file.path, table.line, text));
        match place {
            None => complain(format!("table `{name}` has no directive after it: shard, copy or local")),
            Some(Place::Shard { column, with }) => {
                if !table.columns.iter().any(|(own, _, _)| own == column) {
                    complain(format!("table `{name}` has no column `{column}` to be distributed by"));
                }
                if let Some(with) = with
                    && !matches!(places.get(with.as_str()), Some(Some(Place::Shard { .. })))
                {
                    complain(format!("`{with}`, beside which `{name}` should lie, is no distributed table"));
                }
            }
            Some(_) => {}
        }
    }
    for (file, script) in scripts(tree) {
        let ends: Vec<usize> =
            script.statements.iter().filter_map(sql::Statement::table).map(|table| table.last_line).collect();
        for (line, comment) in script.comments.iter().filter(|(_, comment)| place(comment).is_some()) {
            if !ends.contains(line) && !ends.contains(&(line - 1)) {
                found.push(Violation::new(&file.path, *line, format!("`{comment}` does not follow a table")));
            }
        }
    }
    found
}

/// The column that a table is distributed by is part of its primary key and of every unique key and index.
pub fn keys(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let tables = tables(tree);
    let mut columns: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for Placed { file, table, place } in &tables {
        let column = match place {
            Some(Place::Shard { column, .. }) => Some(column.as_str()),
            _ => None,
        };
        columns.insert(&table.name, column);
        let Some(column) = column else { continue };
        if !table.keys.iter().any(|key| key.primary) {
            let text = format!("distributed table `{}` has no primary key", table.name);
            found.push(Violation::new(&file.path, table.line, text));
        }
        found.extend(table.keys.iter().filter_map(|key| lacks(file, &table.name, key, column)));
    }
    for (file, script) in scripts(tree) {
        for (table, key) in script.statements.iter().filter_map(sql::Statement::unique_index) {
            match columns.get(table.as_str()) {
                None => {
                    found.push(Violation::new(&file.path, key.line, format!("there is no table `{table}`")))
                }
                Some(None) => {}
                Some(Some(column)) => found.extend(lacks(file, &table, &key, column)),
            }
        }
    }
    found
}

fn lacks(file: &File, table: &str, key: &Key, column: &str) -> Option<Violation> {
    if key.columns.iter().any(|own| own == column) {
        return None;
    }
    let kind = if key.primary { "primary" } else { "unique" };
    let text = format!(
        "the {kind} key ({}) of `{table}` lacks `{column}`, by which it is distributed",
        key.columns.join(", ")
    );
    Some(Violation::new(&file.path, key.line, text))
}

/// Foreign keys stay where Citus can check them: never from a spread table to a local one, nor from a copied to a distributed
/// one; between distributed tables only with the column that both are distributed by.
pub fn references(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let tables = tables(tree);
    let places: BTreeMap<&str, &Place> = tables
        .iter()
        .filter_map(|placed| Some((placed.table.name.as_str(), placed.place.as_ref()?)))
        .collect();
    for Placed { file, table, place } in &tables {
        for (own, target, line) in &table.references {
            let why = match (place, places.get(target.as_str())) {
                (_, None) => "there is no such table",
                (Some(Place::Shard { .. } | Place::Copy), Some(Place::Local)) => "that table is local",
                (Some(Place::Copy), Some(Place::Shard { .. })) => {
                    "that table is distributed and this one is copied"
                }
                (Some(Place::Shard { column, .. }), Some(Place::Shard { .. })) if !own.contains(column) => {
                    "the key lacks the column by which both are distributed"
                }
                _ => continue,
            };
            let text = format!("`{}` cannot refer to `{target}`: {why}", table.name);
            found.push(Violation::new(&file.path, *line, text));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    fn one(sql: &str) -> Tree {
        Tree::of(&[("crates/a/migrations/0001_a.sql", sql)])
    }

    fn lines(violations: &[Violation]) -> Vec<String> {
        found(violations).iter().map(|line| line.replace("crates/a/migrations/0001_a.sql:", "")).collect()
    }

    const GOOD: &str = "-- Why there are places.\n\
        CREATE TABLE venue (\n    id text NOT NULL PRIMARY KEY\n);\n-- copy: everywhere\n\
        CREATE TABLE place (\n    org_id text NOT NULL,\n    id text NOT NULL,\n    venue text REFERENCES venue (id),\n    \
        PRIMARY KEY (org_id, id)\n);\n-- shard: org_id\n\
        CREATE TABLE seat (org_id text NOT NULL, id text NOT NULL, place text NOT NULL, PRIMARY KEY (org_id, id),\n\
        FOREIGN KEY (org_id, place) REFERENCES place (org_id, id));\n-- shard: org_id with place\n\
        CREATE UNIQUE INDEX seat_of_place ON seat (org_id, place) WHERE id > 'now()';\n";

    #[test]
    fn good_migrations_pass_all_rules() {
        for rule in [portable, directives, keys, references] {
            assert_eq!(found(&rule(&one(GOOD))), [""; 0]);
        }
    }

    #[test]
    fn each_unportable_word_is_found() {
        for word in UNPORTABLE {
            let sql = format!("CREATE INDEX a\nON b ({word});");
            assert_eq!(lines(&portable(&one(&sql))), [format!("2: `{word}` is not portable")]);
        }
        assert_eq!(lines(&portable(&one("DELETE FROM a WHERE b < now();"))), ["1: `now` is not portable"]);
        assert_eq!(lines(&portable(&one("DELETE FROM a WHERE b = ANY (c);"))), ["1: `any` is not portable"]);
    }

    #[test]
    fn unportable_types_are_found() {
        let sql = "CREATE TABLE a (\n  b uuid NOT NULL,\n  c text\n);\n-- local\n";
        assert_eq!(
            lines(&portable(&one(sql))),
            ["2: column `b` has type `uuid`, not one of bigint, text, boolean, bytes, double"]
        );
        let sql = "ALTER TABLE a ADD COLUMN serial text;\nALTER TABLE a ADD COLUMN b serial;\nUPDATE a SET b = CAST(c AS numeric);";
        assert_eq!(
            lines(&portable(&one(sql))),
            [
                "2: column `b` has type `serial`, not one of bigint, text, boolean, bytes, double",
                "3: `numeric` is not portable"
            ]
        );
    }

    #[test]
    fn missing_and_stray_directives_are_found() {
        let sql = "CREATE TABLE a (\n  b text\n);\n\n-- local\nCREATE TABLE c (d text);\n-- shard: nothing\n";
        assert_eq!(
            lines(&directives(&one(sql))),
            [
                "1: table `a` has no directive after it: shard, copy or local",
                "6: table `c` has no column `nothing` to be distributed by",
                "5: `local` does not follow a table",
            ]
        );
    }

    #[test]
    fn a_table_beside_one_that_is_not_distributed_is_found() {
        let sql = "CREATE TABLE a (b text PRIMARY KEY);\n-- shard: b with c\nCREATE TABLE c (b text PRIMARY KEY);\n-- local\n";
        assert_eq!(
            lines(&directives(&one(sql))),
            ["1: `c`, beside which `a` should lie, is no distributed table"]
        );
    }

    #[test]
    fn keys_without_the_shard_column_are_found() {
        let sql = "CREATE TABLE a (\n  id text PRIMARY KEY,\n  org text,\n  UNIQUE (id, org)\n);\n-- shard: org\n\
            CREATE UNIQUE INDEX x ON a (id);\nCREATE TABLE b (org text);\n-- shard: org\nCREATE UNIQUE INDEX y ON ghost (id);\n";
        assert_eq!(
            lines(&keys(&one(sql))),
            [
                "2: the primary key (id) of `a` lacks `org`, by which it is distributed",
                "8: distributed table `b` has no primary key",
                "7: the unique key (id) of `a` lacks `org`, by which it is distributed",
                "10: there is no table `ghost`",
            ]
        );
    }

    #[test]
    fn foreign_keys_that_cross_servers_are_found() {
        let sql = "CREATE TABLE l (id text PRIMARY KEY);\n-- local\n\
            CREATE TABLE s (org text PRIMARY KEY, l text REFERENCES l (id));\n-- shard: org\n\
            CREATE TABLE c (id text PRIMARY KEY, s text REFERENCES s (org));\n-- copy: everywhere\n\
            CREATE TABLE t (org text PRIMARY KEY, s text REFERENCES s (org), g text REFERENCES ghost (id));\n-- shard: org\n";
        assert_eq!(
            lines(&references(&one(sql))),
            [
                "3: `s` cannot refer to `l`: that table is local",
                "5: `c` cannot refer to `s`: that table is distributed and this one is copied",
                "7: `t` cannot refer to `s`: the key lacks the column by which both are distributed",
                "7: `t` cannot refer to `ghost`: there is no such table",
            ]
        );
    }
}
