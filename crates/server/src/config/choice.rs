//! Settings that are one of a few words.

use clap::ValueEnum;
use serde::Deserialize;

/// See [`super::Settings::unknown_scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownScopesSetting {
    /// The app gets invalid_scope, naming it
    Refuse,
    /// It is left out
    Ignore,
}

/// See [`super::Settings::remember_consent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RememberConsentSetting {
    /// For every app
    Always,
    /// Only for apps whose address nobody else could receive
    Verified,
}

/// See [`super::Settings::log_format`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}
