//! Filling a PostgreSQL schema by COPY in one transaction: tables and rows appear together with its commit, or not at all.

use std::{future::poll_fn, pin::Pin};

use kernel::{Error, Result};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client,
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};

use crate::{
    Value,
    bulk::{Found, Kind, POSTGRES_COLUMNS, Shape, unreachable_place},
    error::NO_SPACE,
    pg_server::PgServer,
};

/// Rows handed over at once.
const BATCH: usize = 500;

pub(crate) struct PgLoader {
    copy: Option<Pin<Box<BinaryCopyInWriter>>>,
    kinds: Vec<Kind>,
    waiting: Vec<Vec<Value>>,
    client: Client,
    runtime: Runtime,
}

impl PgLoader {
    pub fn begin(url: &str) -> Result<Self> {
        let unreachable = |error: tokio_postgres::Error| unreachable_place("postgres").caused_by(error);
        let server = PgServer::parse(url)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unreachable_place("postgres").caused_by(error))?;
        let (client, mut socket) = runtime.block_on(server.connect()).map_err(unreachable)?;
        runtime.spawn(async move {
            while let Some(message) = poll_fn(|cx| socket(cx)).await {
                if let Err(error) = message {
                    tracing::debug!(%error, "the connection of a loader ended");
                    break;
                }
            }
        });
        // Two that fill the same place take turns; the second finds it full. The number is arbitrary and fixed.
        let begin = "SET synchronous_commit = on; SET client_min_messages = warning; BEGIN; \
                     SELECT pg_advisory_xact_lock(7203069987)";
        runtime.block_on(client.batch_execute(begin)).map_err(unreachable)?;
        Ok(Self { copy: None, kinds: Vec::new(), waiting: Vec::new(), client, runtime })
    }

    pub fn columns(&mut self) -> Result<Vec<Found>> {
        let rows = self.runtime.block_on(self.client.query(POSTGRES_COLUMNS, &[])).map_err(refused)?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect())
    }

    pub fn script(&mut self, sql: &str) -> Result<()> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(refused)
    }

    pub fn table(&mut self, shape: &Shape) -> Result<()> {
        let types: Vec<Type> = shape
            .columns
            .iter()
            .map(|(_, kind)| match kind {
                Kind::Int => Type::INT8,
                Kind::Bool => Type::BOOL,
                Kind::Real => Type::FLOAT8,
                Kind::Text => Type::TEXT,
                Kind::Bytes => Type::BYTEA,
            })
            .collect();
        let text = format!("COPY {} ({}) FROM STDIN BINARY", shape.name, shape.column_list());
        let sink = self.runtime.block_on(self.client.copy_in(&text)).map_err(refused)?;
        self.copy = Some(Box::pin(BinaryCopyInWriter::new(sink, &types)));
        self.kinds = shape.columns.iter().map(|(_, kind)| *kind).collect();
        Ok(())
    }

    pub fn row(&mut self, mut values: Vec<Value>) -> Result<()> {
        for (value, kind) in values.iter_mut().zip(&self.kinds) {
            // SQLite gives truth as a number.
            if let (Value::Int(number), Kind::Bool) = (&*value, kind) {
                *value = Value::Bool(*number != 0);
            }
        }
        self.waiting.push(values);
        if self.waiting.len() >= BATCH { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let Some(copy) = &mut self.copy else { return Err(Error::bug("no table is being filled")) };
        let sent = self.runtime.block_on(async {
            for row in &rows {
                let fields: Vec<&(dyn ToSql + Sync)> =
                    row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                copy.as_mut().write(&fields).await?;
            }
            Ok(())
        });
        sent.map_err(refused)
    }

    pub fn end(&mut self) -> Result<()> {
        self.send()?;
        let Some(mut copy) = self.copy.take() else { return Ok(()) };
        self.runtime.block_on(copy.as_mut().finish()).map(|_| ()).map_err(refused)
    }

    pub fn finish(self) -> Result<()> {
        self.runtime.block_on(self.client.batch_execute("COMMIT; ANALYZE")).map_err(refused)
    }
}

fn refused(error: tokio_postgres::Error) -> Error {
    match error.code().map(tokio_postgres::error::SqlState::code) {
        Some("53100" | "25006" | "58030") => Error::new(&NO_SPACE).caused_by(error),
        _ => Error::bug("the schema was not filled").caused_by(error),
    }
}
