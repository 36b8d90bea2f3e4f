//! PostgreSQL: one connection, on which statements are sent without waiting for each other.
//!
//! A round trip costs far more than most statements. What needs no answer is therefore only put into the line
//! ([`PgConnection::later`]); it goes out together with the next statement that needs one, or with the end of the
//! transaction, and the answers come back in the same order. Inside a transaction this is safe: after a failed statement
//! the server refuses all that follow, and makes a `COMMIT` a rollback.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    error::Error as StdError,
    future::{Future, poll_fn, ready},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tokio::runtime::Runtime;
use tokio_postgres::{
    Client,
    error::{Error as PgError, Severity, SqlState},
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use crate::{
    Row, Value,
    pg_server::{PgServer, Socket},
    tx::{DriverError, Failure},
};

/// Statements kept prepared per connection.
const STATEMENTS_KEPT: usize = 512;
/// Statements in the line after which the server shall begin with them, while the closure goes on.
const SEND_AFTER: usize = 32;
/// Statements in the line at most; then their answers are awaited.
const LINE_LENGTH: usize = 1_024;
/// What each session is told. Durability is never given away, whatever the server's default is; a process that is frozen or
/// cut off in the middle of a transaction keeps its locks for a minute at most.
const SESSION: &str = "SET synchronous_commit = on; SET client_min_messages = warning; \
    SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; \
    SET tcp_keepalives_count = 3";

type Answer = Pin<Box<dyn Future<Output = Result<u64, PgError>> + Send>>;

/// A statement in the line.
struct Sent {
    text: Cow<'static, str>,
    answer: Answer,
}

pub(crate) struct PgConnection {
    /// `None` when the connection has ended. It goes before the runtime on which its socket is registered.
    socket: Option<Socket>,
    sent: VecDeque<Sent>,
    client: Arc<Client>,
    prepared: HashMap<Box<str>, tokio_postgres::Statement>,
    runtime: Runtime,
}

/// How a transaction ended.
pub(crate) enum Ended {
    /// As it was wanted.
    Well,
    /// The server took nothing of it, and the connection goes on.
    Refused(DriverError),
    /// The connection was lost with the answer.
    Lost(DriverError),
}

impl PgConnection {
    pub fn connect(server: &PgServer, read_only: bool) -> Result<Self, DriverError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| DriverError::new(Failure::Lost, e))?;
        let (client, socket) = runtime.block_on(server.connect()).map_err(sorted)?;
        let mut made = Self {
            socket: Some(socket),
            sent: VecDeque::new(),
            client: Arc::new(client),
            prepared: HashMap::new(),
            runtime,
        };
        made.script(SESSION)?;
        if read_only {
            made.script(
                "SET default_transaction_read_only = on; SET idle_in_transaction_session_timeout = 0",
            )?;
        }
        Ok(made)
    }

    pub fn is_closed(&self) -> bool {
        self.socket.is_none() || self.client.is_closed()
    }

    /// Whether every statement was answered.
    pub fn is_settled(&self) -> bool {
        self.sent.is_empty()
    }

    /// Puts the beginning of a transaction into the line.
    pub fn begin(&mut self, text: &'static str) {
        let client = self.client.clone();
        self.line_up(text.into(), Box::pin(async move { client.batch_execute(text).await.map(|()| 0) }));
    }

    /// Ends the transaction, after all that stands in the line.
    pub fn end(&mut self, commit: bool) -> Ended {
        let client = self.client.clone();
        let text = if commit { "COMMIT" } else { "ROLLBACK" };
        let (earlier, own) = self.together(async move { client.batch_execute(text).await });
        match (earlier, own) {
            (None, Ok(())) => Ended::Well,
            // The server has said that it failed: then `COMMIT` rolled back.
            (Some(failure), Ok(())) => Ended::Refused(failure),
            // An error that ends no session is an answer: the transaction is rolled back. Everything else is silence.
            (None, Err(error)) if said_no(&error) => Ended::Refused(sorted(error).of(text.into())),
            (Some(failure), Err(error)) if failure.failure != Failure::Lost && said_no(&error) => {
                Ended::Refused(failure)
            }
            (Some(failure), Err(_)) => Ended::Lost(failure),
            (None, Err(error)) => Ended::Lost(sorted(error).of(text.into())),
        }
    }

    /// Puts a statement into the line. Its failure is told by whatever waits next.
    pub fn later(&mut self, text: Cow<'static, str>, params: &[Value]) -> Result<(), DriverError> {
        let statement = self.prepare(&text)?;
        let (client, params) = (self.client.clone(), params.to_vec());
        self.line_up(text, Box::pin(async move { client.execute_raw(&statement, params).await }));
        if self.sent.len() >= LINE_LENGTH {
            return self.answered(ready(Ok(())));
        }
        if self.sent.len().is_multiple_of(SEND_AFTER) {
            let socket = &mut self.socket;
            self.runtime.block_on(poll_fn(|cx| {
                pump(socket, cx);
                Poll::Ready(())
            }));
        }
        Ok(())
    }

    fn prepare(&mut self, text: &str) -> Result<tokio_postgres::Statement, DriverError> {
        if let Some(found) = self.prepared.get(text) {
            return Ok(found.clone());
        }
        if self.prepared.len() >= STATEMENTS_KEPT {
            self.prepared.clear();
        }
        let client = self.client.clone();
        let statement = self.answered(async move { client.prepare(text).await })?;
        self.prepared.insert(text.into(), statement.clone());
        Ok(statement)
    }

    /// Checks a statement without running it.
    pub fn prepare_only(&mut self, text: &str) -> Result<(), DriverError> {
        let client = self.client.clone();
        self.answered(async move { client.prepare(text).await }).map(|_| ())
    }

    pub fn exec(&mut self, text: &str, params: &[Value]) -> Result<u64, DriverError> {
        let statement = self.prepare(text)?;
        let client = self.client.clone();
        self.answered(async move { client.execute_raw(&statement, params).await })
    }

    pub fn rows(&mut self, text: &str, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let statement = self.prepare(text)?;
        let client = self.client.clone();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let rows = self.answered(async move { client.query(&statement, &params).await })?;
        rows.iter().map(read).collect()
    }

    pub fn script(&mut self, text: &str) -> Result<(), DriverError> {
        let client = self.client.clone();
        self.answered(async move { client.batch_execute(text).await })
    }

    fn line_up(&mut self, text: Cow<'static, str>, mut answer: Answer) {
        // The first look puts the request behind those before it; it moves no bytes yet.
        if let Poll::Ready(outcome) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            answer = Box::pin(ready(outcome));
        }
        self.sent.push_back(Sent { text, answer });
    }

    /// Waits for all in the line and for `own`; the earliest failure counts, because those after it only follow from it.
    fn answered<T>(&mut self, own: impl Future<Output = Result<T, PgError>>) -> Result<T, DriverError> {
        let (earlier, own) = self.together(own);
        match earlier {
            Some(failure) => Err(failure),
            None => own.map_err(sorted),
        }
    }

    /// Sends `own` behind all in the line, and waits for every answer. Gives the first failure of the line beside the answer.
    fn together<T>(
        &mut self,
        own: impl Future<Output = Result<T, PgError>>,
    ) -> (Option<DriverError>, Result<T, PgError>) {
        let mut own = pin!(own);
        let Self { socket, sent, runtime, .. } = self;
        let (mut failure, mut answer, mut first) = (None, None, true);
        let answer = runtime.block_on(poll_fn(|cx| {
            if std::mem::take(&mut first)
                && let Poll::Ready(outcome) = own.as_mut().poll(cx)
            {
                answer = Some(outcome);
            }
            loop {
                pump(socket, cx);
                // One after the other: the driver hands an answer on only when the one before it was taken.
                let mut moved = false;
                while let Some(front) = sent.front_mut()
                    && let Poll::Ready(outcome) = front.answer.as_mut().poll(cx)
                {
                    let text = std::mem::take(&mut front.text);
                    sent.pop_front();
                    moved = true;
                    if let Err(error) = outcome {
                        failure.get_or_insert_with(|| sorted(error).of(text));
                    }
                }
                if sent.is_empty() {
                    if answer.is_none()
                        && let Poll::Ready(outcome) = own.as_mut().poll(cx)
                    {
                        answer = Some(outcome);
                    }
                    if let Some(outcome) = answer.take() {
                        return Poll::Ready(outcome);
                    }
                }
                if !moved {
                    return Poll::Pending;
                }
            }
        }));
        (failure, answer)
    }
}

/// Moves bytes as far as it goes without waiting. At the end of the connection whoever still waits for an answer hears so.
fn pump(socket: &mut Option<Socket>, cx: &mut Context<'_>) {
    while let Some(open) = socket {
        match open(cx) {
            // Notices; nothing here listens.
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(error))) => {
                tracing::debug!(%error, "a connection to the database ended");
                *socket = None;
            }
            Poll::Ready(None) => *socket = None,
            Poll::Pending => return,
        }
    }
}

/// The server itself answered that it did not do it, and keeps the session.
fn said_no(error: &PgError) -> bool {
    error.as_db_error().is_some_and(|e| e.parsed_severity() == Some(Severity::Error)) && !ends_session(error)
}

/// The server says that it is going down, or ended the session.
fn ends_session(error: &PgError) -> bool {
    let fatal = error
        .as_db_error()
        .is_some_and(|e| matches!(e.parsed_severity(), Some(Severity::Fatal | Severity::Panic)));
    let state = error.code().map_or("", SqlState::code);
    fatal || state.starts_with("08") || matches!(state, "57P01" | "57P02" | "57P03" | "57P05")
}

fn read(row: &tokio_postgres::Row) -> Result<Row, DriverError> {
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
    values.collect::<Result<Vec<_>, _>>().map(Row).map_err(|e| DriverError::new(Failure::Statement, e))
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

fn sorted(error: PgError) -> DriverError {
    let silent = error.is_closed() || error.source().is_some_and(|s| s.is::<std::io::Error>());
    let failure = match error.code() {
        _ if ends_session(&error) => Failure::Lost,
        None if silent => Failure::Lost,
        None => Failure::Statement,
        Some(state) => match state.code() {
            // Serialisation failure, deadlock.
            "40001" | "40P01" => Failure::Retry,
            "23505" => Failure::Duplicate,
            // Disk full, read-only, the disk fails.
            "53100" | "25006" | "58030" => Failure::NoSpace,
            // Cancelled by a limit of the server, no lock within its limit, no memory, too many connections.
            "57014" | "55P03" | "53000" | "53200" | "53300" | "53400" => Failure::Busy,
            _ => Failure::Statement,
        },
    };
    DriverError::new(failure, error)
}
