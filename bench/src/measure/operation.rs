//! The operations that have a budget, by the letters under which the budgets name them.

use clap::ValueEnum;

use super::crew::Crew;
use super::plan::Plan;
use super::rival::Work;
use crate::server::World;
use crate::walk::{CodeFlow, Expected, Fixed, Refresh, Revoke, Walk};
use crate::wire::Request;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operation {
    /// Implicit authorize, session and consent remembered
    #[value(name = "A")]
    Implicit,
    /// Code authorize, then exchange
    #[value(name = "B")]
    Code,
    /// Client credentials
    #[value(name = "C")]
    ClientCredentials,
    /// Introspection of an opaque token
    #[value(name = "D")]
    IntrospectOpaque,
    /// Introspection of a JWT
    #[value(name = "D2")]
    IntrospectSigned,
    /// A call of the guarded sample API
    #[value(name = "E")]
    GuardedApi,
    /// Userinfo
    #[value(name = "E2")]
    Userinfo,
    /// Metadata
    #[value(name = "F")]
    Metadata,
    /// JWKS
    #[value(name = "F2")]
    Jwks,
    /// Signing in with a password, beside the hash alone
    #[value(name = "G")]
    SignIn,
    /// Refresh
    #[value(name = "H")]
    Refresh,
    /// Revoke
    #[value(name = "I")]
    Revoke,
    /// Forward-auth
    #[value(name = "J")]
    ForwardAuth,
    /// The consent page
    #[value(name = "K")]
    ConsentPage,
}

/// Where the metadata is (RFC 8414 §3).
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// Whom walks are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The real server.
    Subject,
    /// The bare one, which knows nothing and says the same each time.
    Yardstick,
}

impl Operation {
    /// The letter of the budget.
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Implicit => "A",
            Self::Code => "B",
            Self::ClientCredentials => "C",
            Self::IntrospectOpaque => "D",
            Self::IntrospectSigned => "D2",
            Self::GuardedApi => "E",
            Self::Userinfo => "E2",
            Self::Metadata => "F",
            Self::Jwks => "F2",
            Self::SignIn => "G",
            Self::Refresh => "H",
            Self::Revoke => "I",
            Self::ForwardAuth => "J",
            Self::ConsentPage => "K",
        }
    }

    /// What it is, for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit authorize, consent remembered",
            Self::Code => "code authorize, then exchange (flows)",
            Self::ClientCredentials => "client credentials",
            Self::IntrospectOpaque => "introspection, opaque",
            Self::IntrospectSigned => "introspection, JWT",
            Self::GuardedApi => "guarded API call",
            Self::Userinfo => "userinfo",
            Self::Metadata => "metadata",
            Self::Jwks => "JWKS",
            Self::SignIn => "password sign-in, beside the hash alone",
            Self::Refresh => "refresh",
            Self::Revoke => "revoke",
            Self::ForwardAuth => "forward-auth",
            Self::ConsentPage => "consent page",
        }
    }

    /// What the ratio to the yardstick should be at least, on the embedded store. B is in flows on both
    /// sides: two requests of the yardstick are one flow.
    pub(crate) const fn budget(self) -> f64 {
        match self {
            Self::Implicit => 0.45,
            Self::Code => 0.25,
            Self::ClientCredentials => 0.60,
            Self::IntrospectOpaque => 0.70,
            Self::IntrospectSigned => 0.35,
            Self::GuardedApi | Self::ForwardAuth => 0.75,
            Self::Userinfo => 0.50,
            Self::Metadata | Self::Jwks => 0.90,
            Self::SignIn => 0.95,
            Self::Refresh | Self::Revoke => 0.15,
            Self::ConsentPage => 0.30,
        }
    }

    /// How many times the yardstick's slowest hundredth its own may be.
    pub(crate) const fn p99_budget(self) -> Option<f64> {
        match self {
            Self::Code | Self::SignIn | Self::Refresh | Self::Revoke | Self::ConsentPage => None,
            Self::Implicit
            | Self::ClientCredentials
            | Self::IntrospectOpaque
            | Self::IntrospectSigned
            | Self::GuardedApi
            | Self::Userinfo
            | Self::Metadata
            | Self::Jwks
            | Self::ForwardAuth => Some(4.0),
        }
    }

    /// The most connections that make sense. Passwords wait in a queue with an end.
    pub(crate) const fn most_connections(self) -> usize {
        match self {
            Self::SignIn => 8,
            _ => usize::MAX,
        }
    }

    /// How long it is to be measured, if others are measured as in `plan`.
    pub(crate) fn plan(self, plan: Plan) -> Plan {
        match self {
            Self::Code | Self::Refresh | Self::Revoke => plan.durable(),
            Self::SignIn => Plan { helping: 2 * plan.helping, ..plan },
            _ => plan,
        }
    }

    /// Its connections, in the manner in which they are to ask.
    pub(crate) fn work(self, crew: Crew) -> Work {
        match self {
            Self::SignIn => Work::Queue(crew),
            _ => Work::Server(crew),
        }
    }

    /// A walk for each of `count` connections.
    ///
    /// # Errors
    /// The server does not give what they need.
    pub(crate) async fn walks(
        self,
        world: &World,
        count: usize,
        audience: Audience,
    ) -> anyhow::Result<Vec<Box<dyn Walk>>> {
        let mut walks = Vec::with_capacity(count);
        for number in 0..count {
            walks.push(self.walk(world, number, audience).await?);
        }
        Ok(walks)
    }

    /// The walk of the `number`th connection.
    ///
    /// # Errors
    /// The server does not give what it needs.
    pub(crate) async fn walk(
        self,
        world: &World,
        number: usize,
        audience: Audience,
    ) -> anyhow::Result<Box<dyn Walk>> {
        let (ask, who) = (&world.endpoints, world.person(number));
        Ok(match self {
            Self::Implicit => {
                let expected = Expected::header(302, "location", "#access_token=");
                fixed(&ask.implicit(who), expected)
            }
            Self::Code => Box::new(CodeFlow::any_of([ask.code(who)])),
            Self::ClientCredentials => {
                fixed(&ask.client_credentials(), Expected::body("\"access_token\":\""))
            }
            Self::IntrospectOpaque => {
                fixed(&ask.introspect(&ask.token(who).await?), Expected::body("\"active\":true"))
            }
            Self::IntrospectSigned => {
                let token = ask.signed_token(who).await?;
                fixed(&ask.introspect_signed(&token), Expected::body("\"active\":true"))
            }
            Self::GuardedApi => {
                fixed(&world.api_call(&ask.token(who).await?)?, Expected::body("\"display_name\":"))
            }
            Self::Userinfo => {
                let token = ask.openid_token(who).await?;
                fixed(&ask.userinfo(&token), Expected::body("\"family_name\":\""))
            }
            Self::Metadata => fixed(&ask.document(METADATA), Expected::body("\"issuer\":\"")),
            Self::Jwks => fixed(&ask.document("/jwks"), Expected::body("\"keys\":[{")),
            Self::SignIn => {
                let expected = Expected::header(303, "set-cookie", "hallpass-session=");
                fixed(&world.sign_in(number).await?, expected)
            }
            Self::Refresh => {
                Box::new(Refresh::new(ask.refresh(who), ask.refresh_token(who).await?))
            }
            Self::Revoke => Box::new(match audience {
                Audience::Subject => Revoke::fetched(ask.revoke(), &ask.client_credentials()),
                Audience::Yardstick => Revoke::same(ask.revoke(), ask.token(who).await?),
            }),
            Self::ForwardAuth => {
                let expected = Expected::header(200, "x-auth-scope", "bench-email");
                fixed(&ask.forward_auth(&ask.token(who).await?), expected)
            }
            Self::ConsentPage => fixed(&ask.question(who), Expected::body("id=\"auth-accept\"")),
        })
    }
}

fn fixed(request: &Request, expected: Expected) -> Box<dyn Walk> {
    Box::new(Fixed::new(request, expected))
}
