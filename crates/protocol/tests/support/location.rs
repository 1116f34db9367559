//! A redirect to the app, read as the app would read it.

/// The value of a `Location` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location(pub(crate) String);

impl Location {
    /// The whole URI.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The pairs before the `#`, raw, in order.
    pub(crate) fn query(&self) -> Vec<(&str, &str)> {
        let before = self.0.split('#').next().unwrap();
        pairs(before.split_once('?').map_or("", |(_, query)| query))
    }

    /// The pairs after the `#`, raw, in order.
    pub(crate) fn fragment(&self) -> Vec<(&str, &str)> {
        pairs(self.0.split_once('#').map_or("", |(_, fragment)| fragment))
    }

    /// The names after the `#`, in order.
    pub(crate) fn fragment_names(&self) -> Vec<&str> {
        self.fragment().into_iter().map(|(name, _)| name).collect()
    }

    /// The value of `name` as it stands there, not decoded; it must not come twice.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        let pairs = [self.query(), self.fragment()].concat();
        let mut values = pairs.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value);
        let value = values.next();
        assert_eq!(values.next(), None, "{name} comes twice in {}", self.0);
        value
    }

    /// The value of `name`, percent-decoded; `+` stands for itself, as in a URI.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.raw(name).map(|raw| {
            let mut parts = raw.split('%');
            let mut decoded = parts.next().unwrap().as_bytes().to_vec();
            for part in parts {
                decoded.push(u8::from_str_radix(&part[..2], 16).unwrap());
                decoded.extend_from_slice(&part.as_bytes()[2..]);
            }
            decoded
        })
    }

    /// The value of `name` as text.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.bytes(name).map(|bytes| String::from_utf8(bytes).unwrap())
    }
}

fn pairs(text: &str) -> Vec<(&str, &str)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}
