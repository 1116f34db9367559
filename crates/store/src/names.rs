//! Whose a name is when an operator's file is taken over.

use std::collections::{HashMap, HashSet};

use hallpass_protocol::model::AccountId;

use crate::{Declaration, Declared};

/// All names and addresses that the accounts of a file are to have, in the form in which names are
/// compared.
pub(crate) fn wanted(declaration: &Declaration) -> impl Iterator<Item = String> {
    let accounts = declaration.accounts.iter();
    accounts.flat_map(|(account, _)| [account.username.key(), account.email.key()])
}

/// The first account whose name or address belongs to another: one in the file before it, or one of
/// `holders`, which are in the store, that the file does not give other names.
pub(crate) fn refusal(
    declaration: &Declaration,
    holders: &HashMap<String, AccountId>,
) -> Option<Declared> {
    let renamed: HashSet<AccountId> =
        declaration.accounts.iter().map(|(account, _)| account.id).collect();
    let mut taken = HashMap::new();
    for (account, _) in &declaration.accounts {
        for (name, refused) in [
            (account.username.key(), Declared::UsernameTaken(account.id)),
            (account.email.key(), Declared::EmailTaken(account.id)),
        ] {
            let stranger = holders.get(&name).copied().filter(|id| !renamed.contains(id));
            let holder = stranger.or_else(|| taken.insert(name, account.id));
            if holder.is_some_and(|holder| holder != account.id) {
                return Some(refused);
            }
        }
    }
    None
}
