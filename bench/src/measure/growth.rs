//! What a request costs among many: the same operations on databases of different sizes, in
//! alternation.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::contest::{Contest, Order};
use super::crew::Crew;
use super::figure::{Comparison, Figure, Start};
use super::operation::Operation;
use super::rival::{Rival, Work};
use super::statistics::Spread;
use crate::seed::{self, Population};
use crate::server::{Cores, Endpoints, Usage};
use crate::walk::{CodeFlow, Expected, Fixed, Refresh, Walk};
use crate::wire::Connection;

/// Connections.
const CONNECTIONS: usize = 64;
/// How many people one connection asks for in turn. All of them are far more than what the engine and
/// the processor keep close by, and few enough that all have been asked for once when the warming up is
/// over: what is measured is the trees, and not the disk of a server that has just started.
const PEOPLE_EACH: u64 = 64;
/// How many starts are timed.
const STARTS: usize = 7;
/// How long a server that has started is left alone before its memory is looked at.
const SETTLED: Duration = Duration::from_millis(500);
/// The cost among 10⁷ is at most 1.5 times that among 10³; the rate at least the inverse.
const SIZE_BUDGET: f64 = 1.0 / 1.5;
/// With 10⁵ apps at most 1.1 times that with 10.
const APPS_BUDGET: f64 = 1.0 / 1.1;

/// The operations that are looked at.
const OPERATIONS: [Operation; 4] =
    [Operation::Implicit, Operation::Code, Operation::IntrospectOpaque, Operation::Refresh];

/// A larger database and the smaller one that it is held beside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// The larger.
    pub(crate) larger: Population,
    /// The smaller.
    pub(crate) smaller: Population,
}

/// Seeded databases, made when they are first asked for.
pub(crate) struct Databases {
    /// Where they lie.
    pub(crate) directory: PathBuf,
}

impl Databases {
    /// The data directory with `population`.
    fn of(&self, order: &Order, population: Population) -> anyhow::Result<PathBuf> {
        let Population { sessions, apps } = population;
        let data = self.directory.join(format!("{sessions}-sessions-{apps}-apps"));
        if !data.exists() {
            // Under another name until it is whole.
            let unfinished = self.directory.join("unfinished");
            if unfinished.exists() {
                std::fs::remove_dir_all(&unfinished)?;
            }
            seed::seed(&order.engine, &unfinished, population)?;
            std::fs::rename(&unfinished, &data)?;
        }
        Ok(data)
    }
}

/// Measures the order's operations on each pair of sizes.
///
/// # Errors
/// A database cannot be made, or a server does not start, or gives a wrong answer.
pub(crate) async fn growth(
    order: &Order,
    databases: &Databases,
    pairs: &[Sizes],
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for Sizes { larger, smaller } in pairs.iter().copied() {
        let budget = if larger.apps == smaller.apps { SIZE_BUDGET } else { APPS_BUDGET };
        for operation in OPERATIONS.into_iter().filter(|one| order.operations.contains(one)) {
            let context = || format!("{} {}", operation.letter(), operation.name());
            let contest = Contest {
                comparison: Comparison::Growth,
                operation,
                connections: CONNECTIONS,
                budget: Some(budget),
                subject: rival(order, databases, larger, operation).await.with_context(context)?,
                yardstick: rival(order, databases, smaller, operation)
                    .await
                    .with_context(context)?,
            };
            let figure = contest.hold(operation.plan(order.plan)).await.with_context(context)?;
            tell(&figure);
            figures.push(figure);
        }
    }
    Ok(figures)
}

/// How long a start takes on a database that is there, until the first answer, and how much memory the
/// server holds when nobody has asked it anything else.
///
/// # Errors
/// A database cannot be made, or a server does not start.
pub(crate) async fn starts(
    order: &Order,
    databases: &Databases,
    population: Population,
) -> anyhow::Result<Start> {
    let data = databases.of(order, population)?;
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begun = Instant::now();
        let hallpass = order.engine.serve_in(&data, Cores::Shared)?;
        let mut connection = Connection::open(hallpass.address).await?;
        let request = Endpoints::at(hallpass.address).document("/jwks");
        let answer = connection.ask(&request.bytes()).await?;
        anyhow::ensure!(answer.status == 200, "{answer}");
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(SETTLED).await;
        sizes.push(Usage::of(hallpass.program.id())?.resident as f64);
    }
    Ok(Start {
        sessions: population.sessions,
        milliseconds: Spread::of(times),
        resident: Spread::of(sizes),
    })
}

async fn rival(
    order: &Order,
    databases: &Databases,
    population: Population,
    operation: Operation,
) -> anyhow::Result<Rival> {
    let data = databases.of(order, population)?;
    let hallpass = order.engine.serve_in(Path::new(&data), Cores::Apart)?;
    let ask = Endpoints::at(hallpass.address);
    let mut walks = Vec::with_capacity(CONNECTIONS);
    for number in 0..CONNECTIONS as u64 {
        walks.push(walk(&ask, population, operation, number * PEOPLE_EACH).await?);
    }
    let mut crew = Crew::gather(hallpass.address, walks).await?;
    // Once for everybody.
    crew.walk(PEOPLE_EACH as usize).await?;
    let name = format!("{} sessions, {} apps", population.sessions, population.apps);
    let process = Some(hallpass.program.id());
    let rival = Rival::new(&name, Work::Server(crew), process, Cores::Apart)?;
    Ok(rival.owning(hallpass))
}

/// The walk of one connection among the people from `first` on.
async fn walk(
    ask: &Endpoints,
    population: Population,
    operation: Operation,
    first: u64,
) -> anyhow::Result<Box<dyn Walk>> {
    let people = (first..first + PEOPLE_EACH).map(|draw| population.person(draw));
    Ok(match operation {
        Operation::Code => Box::new(CodeFlow::any_of(people.map(|person| ask.code(&person)))),
        Operation::Refresh => {
            let person = population.person(first);
            let token = ask.refresh_token(&person).await?;
            Box::new(Refresh::new(ask.refresh(&person), token))
        }
        Operation::IntrospectOpaque => {
            // Asking for a token costs a round trip, so there are fewer.
            let mut questions = Vec::new();
            for person in people.step_by(4) {
                questions.push(ask.introspect(&ask.token(&person).await?));
            }
            Box::new(Fixed::any_of(&questions, Expected::body("\"active\":true")))
        }
        _ => {
            let requests: Vec<_> = people.map(|person| ask.implicit(&person)).collect();
            let expected = Expected::header(302, "location", "#access_token=");
            Box::new(Fixed::any_of(&requests, expected))
        }
    })
}
