//! Scopes in rows.

use hallpass_protocol::model::{Scope, ScopeDefinition, ScopeGroup};

use super::{Columns, Corrupt, Row};

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<ScopeDefinition, Corrupt> {
    Ok(ScopeDefinition {
        scope: columns.parsed("name", |text| Scope::parse(text).ok())?,
        text: columns.text("text")?.to_owned(),
        group: columns.parsed("heading", parse_group)?,
    })
}

pub(crate) const fn group_name(group: ScopeGroup) -> &'static str {
    match group {
        ScopeGroup::Data => "data",
        ScopeGroup::Activity => "activity",
        ScopeGroup::Act => "act",
        ScopeGroup::Partner => "partner",
    }
}

fn parse_group(name: &str) -> Option<ScopeGroup> {
    [ScopeGroup::Data, ScopeGroup::Activity, ScopeGroup::Act, ScopeGroup::Partner]
        .into_iter()
        .find(|group| group_name(*group) == name)
}
