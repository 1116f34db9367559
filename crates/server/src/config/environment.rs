//! Environment variables that look like settings and are none.

use clap::Args as _;

use super::{Settings, SettingsError};

/// The beginning of every environment variable that Hallpass reads.
pub const ENVIRONMENT_PREFIX: &str = "HALLPASS_";

/// Environment variables that are read but are no settings.
const OTHER_VARIABLES: [&str; 4] =
    ["HALLPASS_MASTER_KEY", "HALLPASS_CONFIG", "HALLPASS_COPY_FROM", "HALLPASS_COPY_TO"];

/// Refuses environment variables that look like settings and are none.
///
/// # Errors
/// [`SettingsError::Variable`] for the first.
pub fn judge_environment<'a>(
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), SettingsError> {
    let known = variables();
    for name in names {
        let is_known = known.iter().any(|known| known == name);
        if name.starts_with(ENVIRONMENT_PREFIX) && !is_known {
            let nearest = crate::suggest::nearest(name, known.iter().map(String::as_str));
            let nearest = nearest.map(str::to_owned);
            return Err(SettingsError::Variable { name: name.to_owned(), nearest });
        }
    }
    Ok(())
}

/// The names of all environment variables that are read.
fn variables() -> Vec<String> {
    let command = Settings::augment_args(clap::Command::new("settings"));
    let of_settings = command.get_arguments().filter_map(|argument| argument.get_env());
    let mut names: Vec<String> =
        of_settings.map(|name| name.to_string_lossy().into_owned()).collect();
    names.extend(OTHER_VARIABLES.map(str::to_owned));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_refused_with_the_nearest_right_one() {
        let error = judge_environment(["PATH", "HALLPASS_LISTEN", "HALLPASS_LITSEN"])
            .expect_err("no such setting");
        assert!(error.to_string().contains("did you mean HALLPASS_LISTEN?"), "{error}");
        assert_eq!(judge_environment(["HALLPASS_MASTER_KEY", "HOME"]), Ok(()));
    }
}
