//! PostgreSQL: threads that own a connection.

use std::{collections::HashMap, error::Error as StdError};

use postgres::{
    Client, Config, NoTls,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use crate::{
    Row, Value,
    tx::{DriverError, Failure},
};

/// Statements kept prepared per connection.
const STATEMENTS_KEPT: usize = 512;

pub(crate) struct PgConnection {
    client: Client,
    prepared: HashMap<Box<str>, postgres::Statement>,
}

impl PgConnection {
    pub fn connect(config: &Config, read_only: bool) -> Result<Self, postgres::Error> {
        let mut client = config.connect(NoTls)?;
        // Durability is never given away, whatever the server's default is.
        client.batch_execute("SET synchronous_commit = on; SET client_min_messages = warning;")?;
        if read_only {
            client.batch_execute("SET default_transaction_read_only = on")?;
        }
        Ok(Self { client, prepared: HashMap::new() })
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn prepare(&mut self, text: &str) -> Result<postgres::Statement, DriverError> {
        if let Some(found) = self.prepared.get(text) {
            return Ok(found.clone());
        }
        if self.prepared.len() >= STATEMENTS_KEPT {
            self.prepared.clear();
        }
        let statement = self.client.prepare(text).map_err(sorted)?;
        self.prepared.insert(text.into(), statement.clone());
        Ok(statement)
    }

    /// Checks a statement without running it.
    pub fn prepare_only(&mut self, text: &str) -> Result<(), DriverError> {
        self.client.prepare(text).map(|_| ()).map_err(sorted)
    }

    pub fn exec(&mut self, text: &str, params: &[Value]) -> Result<u64, DriverError> {
        let statement = self.prepare(text)?;
        self.client.execute(&statement, &borrowed(params)).map_err(sorted)
    }

    pub fn rows(&mut self, text: &str, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let statement = self.prepare(text)?;
        let rows = self.client.query(&statement, &borrowed(params)).map_err(sorted)?;
        rows.iter().map(read).collect()
    }

    pub fn script(&mut self, text: &str) -> Result<(), DriverError> {
        self.client.batch_execute(text).map_err(sorted)
    }
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(row: &postgres::Row) -> Result<Row, DriverError> {
    let column = |index: usize, ty: &Type| -> Result<Value, Box<dyn StdError + Send + Sync>> {
        Ok(match *ty {
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(i64::from).into(),
            Type::INT2 => row.try_get::<_, Option<i16>>(index)?.map(i64::from).into(),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.into(),
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR => {
                row.try_get::<_, Option<String>>(index)?.into()
            }
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.into(),
            ref other => {
                return Err(
                    format!("column {index} is {other}; cast it to bigint, text, double or bytes").into()
                );
            }
        })
    };
    let values = row.columns().iter().enumerate().map(|(index, c)| column(index, c.type_()));
    values.collect::<Result<Vec<_>, _>>().map(Row).map_err(|cause| DriverError {
        failure: Failure::Statement,
        duplicate: false,
        no_space: false,
        cause,
    })
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) if *ty == Type::FLOAT8 => (*value as f64).to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT8 => value.to_sql(ty, out),
            Value::Real(value) if *ty == Type::FLOAT8 => value.to_sql(ty, out),
            Value::Text(text) if <&str as ToSql>::accepts(ty) => text.as_str().to_sql(ty, out),
            Value::Bytes(bytes) if *ty == Type::BYTEA => bytes.as_slice().to_sql(ty, out),
            other => Err(format!("a parameter of type {ty} cannot take {other:?}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(crate) fn sorted(error: postgres::Error) -> DriverError {
    let state = error.code().cloned();
    let failure = match &state {
        Some(state)
            if *state == SqlState::T_R_SERIALIZATION_FAILURE || *state == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            Failure::Retry
        }
        Some(state)
            if *state == SqlState::ADMIN_SHUTDOWN
                || *state == SqlState::CRASH_SHUTDOWN
                || *state == SqlState::CANNOT_CONNECT_NOW
                || state.code().starts_with("08") =>
        {
            Failure::Lost
        }
        None if error.is_closed() || error.source().is_some_and(|s| s.is::<std::io::Error>()) => {
            Failure::Lost
        }
        _ => Failure::Statement,
    };
    let duplicate = state.as_ref() == Some(&SqlState::UNIQUE_VIOLATION);
    let no_space =
        matches!(state, Some(s) if s == SqlState::DISK_FULL || s == SqlState::READ_ONLY_SQL_TRANSACTION);
    DriverError { failure, duplicate, no_space, cause: Box::new(error) }
}
