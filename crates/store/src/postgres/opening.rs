//! Opening a database: whether it is there, lets us in, is ours, and can be written; then its tables.
//!
//! Everything that can be wrong is found before anything is changed.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;

use super::connection::{Connection, Connector, LET_IN};
use super::failure::{Aftermath, Failure, in_words};
use super::migrations::{self, Found, KNOWN, MARKER};
use super::statement;
use crate::OpenError;

/// The oldest server that is tried (13), in the engine's way of counting.
const OLDEST: i64 = 130_000;

/// How long a node waits for others that make the tables at the same time.
const OTHERS: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Opens the database, makes or migrates its tables, and gives back the connection it did that on.
pub(super) async fn open(connector: &Connector) -> Result<Connection, OpenError> {
    const NUMBER: &str = "SELECT last FROM change_number WHERE id = 1";
    let place = connector.address.place.as_str();
    let connection = open_unfinished(connector).await?;
    let is_whole = statement::is_any(&connection, NUMBER, &[]).await;
    match is_whole.map_err(|error| failed(place, error))? {
        true => Ok(connection),
        false => Err(OpenError::Unfinished { place: place.to_owned() }),
    }
}

/// Looks at the database and changes nothing: the number of its schema, or `None` if it is empty.
pub(super) async fn look(connector: &Connector) -> Result<Option<i64>, OpenError> {
    let place = connector.address.place.as_str();
    let connection = connect(connector).await?;
    refuse_unfit(&connection, place).await?;
    let found = migrations::look(&connection).await.map_err(|error| failed(place, error))?;
    refuse(place, found.as_ref())?;
    Ok(found.and_then(|found| found.number))
}

/// The same as [`open`], also if the database is a copy that was not finished.
pub(super) async fn open_unfinished(connector: &Connector) -> Result<Connection, OpenError> {
    let place = connector.address.place.as_str();
    let connection = connect(connector).await?;
    refuse_unfit(&connection, place).await?;
    let deadline = Instant::now() + OTHERS;
    loop {
        let found = migrations::look(&connection).await.map_err(|error| failed(place, error))?;
        refuse(place, found.as_ref())?;
        match migrate(&connection, found.as_ref()).await {
            Ok(()) => return Ok(connection),
            Err(failure) if is_race(&failure) && Instant::now() < deadline => {
                connection.run("ROLLBACK").await.map_err(|error| failed(place, error))?;
                sleep(PAUSE).await;
            }
            Err(failure) => return Err(failed(place, failure)),
        }
    }
}

async fn connect(connector: &Connector) -> Result<Connection, OpenError> {
    let place = || connector.address.place.clone();
    let Ok(connected) = timeout(LET_IN, connector.try_connect()).await else {
        return Err(OpenError::Unreachable { place: place(), reason: "no answer".to_owned() });
    };
    connected.map_err(|error| {
        let reason = in_words(&error);
        match error.code().map(SqlState::code) {
            Some("3D000") => OpenError::NoDatabase { place: place() },
            Some(class) if class.starts_with("28") => {
                OpenError::NotLetIn { place: place(), reason }
            }
            // The driver's own words for: a password is wanted and there is none; the server's proof
            // that it knows the password is wrong.
            None if reason.contains("password missing") || reason.contains("authentication") => {
                OpenError::NotLetIn { place: place(), reason }
            }
            None if reason.contains("TLS") => OpenError::NotProven { place: place(), reason },
            None if reason.contains("does not allow writes") => {
                OpenError::ReadOnly { place: place() }
            }
            _ => OpenError::Unreachable { place: place(), reason },
        }
    })
}

/// Refuses a server that is too old, and a database that cannot be written or holds no UTF-8.
async fn refuse_unfit(connection: &Connection, place: &str) -> Result<(), OpenError> {
    const SQL: &str = "SELECT
        current_setting('server_version_num')::BIGINT AS number,
        current_setting('server_version') AS version,
        current_setting('server_encoding') AS encoding,
        current_setting('transaction_read_only') AS read_only,
        current_setting('synchronous_commit') AS commit,
        COALESCE(current_setting('fsync', TRUE), 'on') AS disk";
    let server = statement::first(connection, SQL, &[], |columns| {
        Ok(Server {
            number: columns.integer("number")?,
            version: columns.text("version")?.to_owned(),
            encoding: columns.text("encoding")?.to_owned(),
            is_read_only: columns.text("read_only")? == "on",
            forgets: columns.text("commit")? == "off" || columns.text("disk")? == "off",
        })
    });
    let Some(server) = server.await.map_err(|error| failed(place, error))? else { return Ok(()) };
    let place = place.to_owned();
    if server.number < OLDEST {
        return Err(OpenError::TooOld { place, found: server.version });
    }
    if server.is_read_only {
        return Err(OpenError::ReadOnly { place });
    }
    if server.encoding != "UTF8" {
        let reason = format!("it is encoded in {}, and names need UTF8", server.encoding);
        return Err(OpenError::Unusable { place, reason });
    }
    if server.forgets {
        tracing::warn!(
            place,
            "the database does not wait for its disk (fsync or synchronous_commit is off): what \
             was acknowledged last is lost with the power"
        );
    }
    Ok(())
}

/// What a server says of itself.
struct Server {
    number: i64,
    version: String,
    encoding: String,
    is_read_only: bool,
    forgets: bool,
}

/// Refuses what is not ours, or not for this version, or not whole.
fn refuse(place: &str, found: Option<&Found>) -> Result<(), OpenError> {
    let place = place.to_owned();
    let Some(found) = found else {
        let reason = "there is no schema to make tables in (see its search_path)".to_owned();
        return Err(OpenError::Unusable { place, reason });
    };
    let Some(number) = found.number else {
        return match found.columns.first() {
            Some(column) => Err(OpenError::ForeignSchema { place, table: column.table.clone() }),
            None => Ok(()),
        };
    };
    if number > KNOWN {
        return Err(OpenError::NewerSchema { place, found: number, known: KNOWN });
    }
    match migrations::missing(found, number) {
        Some(column) if !found.columns.iter().any(|other| other.table == column.table) => {
            let missing = format!("table {}", column.table);
            Err(OpenError::Incomplete { place, missing })
        }
        Some(column) => {
            let missing = format!("column {}.{}", column.table, column.name);
            Err(OpenError::Incomplete { place, missing })
        }
        None => Ok(()),
    }
}

async fn migrate(connection: &Connection, found: Option<&Found>) -> Result<(), Failure> {
    match found.and_then(|found| found.number) {
        Some(KNOWN) => return Ok(()),
        Some(_) => {}
        None => migrations::mark(connection).await?,
    }
    migrations::apply(connection).await
}

/// Whether another node did the same at the same moment. Two that make one table may meet anywhere in the
/// engine's own catalogue, which says so in three ways: a key, a table or a type is there already.
fn is_race(failure: &Failure) -> bool {
    let is_marker = |error: &tokio_postgres::Error| {
        let engine = error.as_db_error();
        let code = engine.map(|engine| engine.code().code());
        matches!(code, Some("23505" | "42P07" | "42710"))
            && engine.is_some_and(|engine| {
                engine.detail().unwrap_or(engine.message()).contains(MARKER)
                    || engine.message().contains(MARKER)
            })
    };
    failure.aftermath() == Aftermath::Conflict
        || matches!(failure, Failure::Engine(error) if is_marker(error))
}

fn failed(place: &str, failure: Failure) -> OpenError {
    OpenError::Unusable { place: place.to_owned(), reason: failure.reason() }
}
