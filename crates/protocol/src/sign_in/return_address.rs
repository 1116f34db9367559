//! Where to go after signing in: signed, because it travels through the browser.

use thiserror::Error;

use crate::model::{FormKeys, FormPurpose, FormTokenProblem, Randomness, Timestamp};

/// A path and query on this site to go on to after signing in.
///
/// It is made only from a target of ours, or from a text that carries our signature for this very
/// browser; so no link from elsewhere can send a person anywhere after they signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress {
    target: String,
}

/// Why a `return_to` is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReturnAddressProblem {
    /// Not ours, or made for another browser.
    #[error("the return address was not made for this browser")]
    Foreign,
    /// Ours, but too old; the same request may be started again.
    #[error("the return address has expired")]
    Expired(ReturnAddress),
}

impl ReturnAddress {
    /// A path of this site, with its query; `None` for anything that a browser could read as another
    /// site's address.
    pub fn to(target: &str) -> Option<Self> {
        let is_path = target.starts_with('/')
            && !target.starts_with("//")
            && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        is_path.then(|| Self { target: target.to_owned() })
    }

    /// The path and query.
    pub fn as_str(&self) -> &str {
        &self.target
    }

    /// The text for a link or a hidden field, good in the browser that `visitor` names.
    pub fn sign(
        &self,
        keys: &FormKeys,
        visitor: &str,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> String {
        let parts: [&[u8]; 2] = [visitor.as_bytes(), self.target.as_bytes()];
        let token = keys.mint(FormPurpose::ReturnAddress, &parts, rng, now);
        format!("{}.{}", token.as_str(), self.target)
    }

    /// Reads what [`ReturnAddress::sign`] wrote.
    ///
    /// # Errors
    /// [`ReturnAddressProblem`]: it must not be followed.
    pub fn verify(
        keys: &FormKeys,
        text: &str,
        visitor: &str,
        now: Timestamp,
    ) -> Result<Self, ReturnAddressProblem> {
        let (token, target) = text.split_once('.').ok_or(ReturnAddressProblem::Foreign)?;
        let address = Self::to(target).ok_or(ReturnAddressProblem::Foreign)?;
        let parts: [&[u8]; 2] = [visitor.as_bytes(), target.as_bytes()];
        match keys.verify(token, FormPurpose::ReturnAddress, &parts, now) {
            Ok(_) => Ok(address),
            Err(FormTokenProblem::Expired) => Err(ReturnAddressProblem::Expired(address)),
            Err(FormTokenProblem::Foreign) => Err(ReturnAddressProblem::Foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FormKey, FormToken, Succession};

    struct Zero;
    impl Randomness for Zero {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn lg_20_only_paths_of_this_site_can_be_returned_to() {
        for target in [
            "//evil.example",
            "/\\evil.example",
            "https:evil",
            "https://evil.example",
            "javascript:alert(1)",
            "",
            "dashboard",
            "/a b",
            "/a\r\nb",
            "/é",
        ] {
            assert_eq!(ReturnAddress::to(target), None, "{target:?}");
        }
        assert!(ReturnAddress::to("/authorize?a=%2f%2fevil").is_some());
    }

    #[test]
    fn az_44_a_return_address_is_good_only_in_the_browser_it_was_made_for() {
        let key = FormKeys::new(Succession::of(FormKey::new(&[1; 32])));
        let now = Timestamp::from_seconds(10);
        let address = ReturnAddress::to("/authorize?client_id=x.y").expect("a path");
        let text = address.sign(&key, "visitor", &mut Zero, now);
        assert_eq!(ReturnAddress::verify(&key, &text, "visitor", now), Ok(address.clone()));
        let foreign = Err(ReturnAddressProblem::Foreign);
        assert_eq!(ReturnAddress::verify(&key, &text, "another", now), foreign);
        assert_eq!(
            ReturnAddress::verify(&key, &text.replace("x.y", "x.z"), "visitor", now),
            foreign
        );
        assert_eq!(ReturnAddress::verify(&key, "/dashboard", "visitor", now), foreign);
        let later = now.plus(FormToken::LIFETIME);
        assert_eq!(
            ReturnAddress::verify(&key, &text, "visitor", later),
            Err(ReturnAddressProblem::Expired(address))
        );
    }
}
