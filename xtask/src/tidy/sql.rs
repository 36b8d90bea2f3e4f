//! As much of SQL as the rules on migrations need: statements, tables, columns, keys, directives.

/// A word, name, number or sign outside of comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Lower-case, unless it is a quoted text.
    pub text: String,
    pub line: usize,
    /// A text in single quotes.
    pub quoted: bool,
}

/// What stands before one semicolon.
#[derive(Debug, Default)]
pub struct Statement {
    pub tokens: Vec<Token>,
    /// Line of the semicolon.
    pub last_line: usize,
}

/// A migration taken apart.
#[derive(Debug, Default)]
pub struct Script {
    pub statements: Vec<Statement>,
    /// `--` comments with their lines, without the dashes.
    pub comments: Vec<(usize, String)>,
}

/// A table as its `CREATE TABLE` declares it.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub line: usize,
    pub last_line: usize,
    /// Name, type and line of each column.
    pub columns: Vec<(String, String, usize)>,
    /// Columns of each primary or unique key, with its line.
    pub keys: Vec<Key>,
    /// Tables that foreign keys name: own columns, table, line.
    pub references: Vec<(Vec<String>, String, usize)>,
}

/// A primary key, a unique constraint or a unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub primary: bool,
    pub columns: Vec<String>,
    pub line: usize,
}

/// Takes a migration apart.
pub fn parse(text: &str) -> Script {
    let mut script = Script::default();
    let mut statement = Statement::default();
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            '-' if chars.peek() == Some(&'-') => {
                let comment: String = std::iter::from_fn(|| chars.next_if(|c| *c != '\n')).collect();
                script.comments.push((line, comment[1..].trim().to_owned()));
            }
            '\'' => {
                let begin = line;
                let quoted: String = chars.by_ref().take_while(|c| *c != '\'').collect();
                line += quoted.matches('\n').count();
                statement.tokens.push(Token { text: quoted, line: begin, quoted: true });
            }
            ';' => {
                statement.last_line = line;
                script.statements.push(std::mem::take(&mut statement));
            }
            c if is_word(c) => {
                let rest = std::iter::from_fn(|| chars.next_if(|c| is_word(*c)));
                let text = std::iter::once(c).chain(rest).collect::<String>().to_lowercase();
                statement.tokens.push(Token { text, line, quoted: false });
            }
            c if c.is_whitespace() || c == '"' => {}
            c => statement.tokens.push(Token { text: c.to_string(), line, quoted: false }),
        }
    }
    if !statement.tokens.is_empty() {
        statement.last_line = line;
        script.statements.push(statement);
    }
    script
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Statement {
    fn starts_with(&self, words: &[&str]) -> bool {
        self.tokens.len() > words.len()
            && self.tokens.iter().zip(words).all(|(token, word)| token.text == *word)
    }

    /// The tokens after `words` and an optional `IF NOT EXISTS`.
    fn after(&self, words: &[&str]) -> Option<&[Token]> {
        if !self.starts_with(words) {
            return None;
        }
        let rest = &self.tokens[words.len()..];
        Some(if rest[0].text == "if" { rest.get(3..)? } else { rest })
    }

    /// The table that this statement creates.
    pub fn table(&self) -> Option<Table> {
        let rest = self.after(&["create", "table"])?;
        let (name, body) = rest.split_first()?;
        let mut table = Table {
            name: name.text.clone(),
            line: name.line,
            last_line: self.last_line,
            columns: Vec::new(),
            keys: Vec::new(),
            references: Vec::new(),
        };
        for item in list(body) {
            table.take(item);
        }
        Some(table)
    }

    /// The column that this statement adds to a table: name, type and line.
    pub fn added_column(&self) -> Option<(String, String, usize)> {
        if !self.starts_with(&["alter", "table"]) {
            return None;
        }
        let add = self.tokens.iter().position(|token| token.text == "add")?;
        let mut rest = &self.tokens[add + 1..];
        if rest.first()?.text == "column" {
            rest = &rest[1..];
        }
        Some((rest.first()?.text.clone(), rest.get(1)?.text.clone(), rest[0].line))
    }

    /// The unique index that this statement creates: its table and its key.
    pub fn unique_index(&self) -> Option<(String, Key)> {
        let rest = self.after(&["create", "unique", "index"])?;
        let on = rest.iter().position(|token| token.text == "on")?;
        let table = rest.get(on + 1)?;
        let columns =
            list(&rest[on + 2..]).into_iter().filter_map(|item| Some(item.first()?.text.clone())).collect();
        Some((table.text.clone(), Key { primary: false, columns, line: table.line }))
    }
}

impl Table {
    /// Reads one item between the commas of `CREATE TABLE (…)`.
    fn take(&mut self, item: &[Token]) {
        let Some(first) = item.first() else { return };
        let item = if first.text == "constraint" { item.get(2..).unwrap_or_default() } else { item };
        let Some(first) = item.first() else { return };
        let columns = |at: usize| -> Vec<String> {
            list(item.get(at..).unwrap_or_default())
                .iter()
                .filter_map(|part| Some(part.first()?.text.clone()))
                .collect()
        };
        match first.text.as_str() {
            "primary" => self.keys.push(Key { primary: true, columns: columns(2), line: first.line }),
            "unique" => self.keys.push(Key { primary: false, columns: columns(1), line: first.line }),
            "foreign" => self.refer(&columns(2), item),
            "check" => {}
            name => {
                let kind = item.get(1).map_or(String::new(), |token| token.text.clone());
                self.columns.push((name.to_owned(), kind, first.line));
                let own = vec![name.to_owned()];
                for token in item
                    .iter()
                    .filter(|token| !token.quoted && matches!(token.text.as_str(), "primary" | "unique"))
                {
                    let primary = token.text == "primary";
                    self.keys.push(Key { primary, columns: own.clone(), line: token.line });
                }
                self.refer(&own, item);
            }
        }
    }

    fn refer(&mut self, own: &[String], item: &[Token]) {
        let target = item.iter().position(|token| token.text == "references").and_then(|at| item.get(at + 1));
        if let Some(target) = target {
            self.references.push((own.to_vec(), target.text.clone(), target.line));
        }
    }
}

/// The items of the first parenthesised list in `tokens`, cut at its own commas.
fn list(tokens: &[Token]) -> Vec<&[Token]> {
    let mut items = Vec::new();
    let (mut depth, mut begin) = (0_usize, 0);
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| !token.quoted) {
        match token.text.as_str() {
            "(" => {
                depth += 1;
                if depth == 1 {
                    begin = index + 1;
                }
            }
            "," if depth == 1 => {
                items.push(&tokens[begin..index]);
                begin = index + 1;
            }
            ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    items.push(&tokens[begin..index]);
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_taken_apart() {
        let script = parse(
            "-- why; not a statement\nCREATE TABLE IF NOT EXISTS Seat (\n  id text NOT NULL UNIQUE, -- here; too\n  org_id text NOT NULL REFERENCES organisation (id),\n  \
             state text DEFAULT 'a;b, unique' CHECK (state IN ('a', 'b')),\n  PRIMARY KEY (org_id, id),\n  CONSTRAINT one UNIQUE (org_id, state)\n);\n-- shard: org_id\n",
        );
        assert_eq!(script.comments[2], (9, "shard: org_id".to_owned()));
        assert_eq!(script.statements.len(), 1);
        let table = script.statements[0].table().unwrap();
        assert_eq!((table.name.as_str(), table.line, table.last_line), ("seat", 2, 8));
        let columns: Vec<_> = table.columns.iter().map(|(name, kind, _)| format!("{name} {kind}")).collect();
        assert_eq!(columns, ["id text", "org_id text", "state text"]);
        let keys: Vec<_> =
            table.keys.iter().map(|key| (key.primary, key.columns.join(","), key.line)).collect();
        assert_eq!(
            keys,
            [
                (false, "id".to_owned(), 3),
                (true, "org_id,id".to_owned(), 6),
                (false, "org_id,state".to_owned(), 7)
            ]
        );
        assert_eq!(table.references, [(vec!["org_id".to_owned()], "organisation".to_owned(), 4)]);
    }

    #[test]
    fn a_unique_index_is_taken_apart() {
        let script =
            parse("CREATE INDEX a ON t (x);\nCREATE UNIQUE INDEX b ON t (x, lower(y)) WHERE z > (1);");
        assert!(script.statements[0].unique_index().is_none());
        let (table, key) = script.statements[1].unique_index().unwrap();
        assert_eq!((table.as_str(), key.columns.join(","), key.line), ("t", "x,lower".to_owned(), 2));
    }
}
