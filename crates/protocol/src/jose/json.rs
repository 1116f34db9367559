//! JSON (RFC 8259), read strictly: bounded depth, no member twice, no number that is not exact.
//!
//! Two readers that disagree about a text are how signed texts get two meanings; so whatever one could
//! read in two ways is refused as a whole (RFC 8725 §2.4).

/// How deep values may lie in one another.
const MAX_DEPTH: usize = 8;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction and exponent that fits.
    Integer(i64),
    /// Any other number: it is there, and nothing here can use it.
    OtherNumber,
    /// A text.
    Text(String),
    /// Values in order.
    List(List),
    /// Members.
    Object(Object),
}

/// Values in order.
pub type List = Vec<Value>;

/// A JSON object; no name is in it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// Reads a text that is one object and nothing else. The caller bounds its length.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut reader = Reader { text, at: 0 };
        let Value::Object(object) = reader.value(MAX_DEPTH)? else { return None };
        reader.skip_space();
        (reader.at == text.len()).then_some(object)
    }

    /// All members, in their order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The member of that name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The member of that name, if it is a whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The member of that name, if it is `true` or `false`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// The member of that name, if it is a list.
    pub fn list(&self, name: &str) -> Option<&List> {
        match self.get(name) {
            Some(Value::List(list)) => Some(list),
            _ => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        match self.peek()? {
            b'{' => self.object(depth).map(Value::Object),
            b'[' => self.list(depth).map(Value::List),
            b'"' => self.string().map(Value::Text),
            b't' => self.take("true").map(|()| Value::Bool(true)),
            b'f' => self.take("false").map(|()| Value::Bool(false)),
            b'n' => self.take("null").map(|()| Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.take("{")?;
        self.skip_space();
        if self.take("}").is_some() {
            return Some(Object(members));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            // RFC 7515 §4: "The Header Parameter names within the JOSE Header MUST be unique".
            if members.iter().any(|(known, _)| *known == name) {
                return None;
            }
            self.skip_space();
            self.take(":")?;
            let value = self.value(depth)?;
            members.push((name, value));
            self.skip_space();
            if self.take("}").is_some() {
                return Some(Object(members));
            }
            self.take(",")?;
        }
    }

    fn list(&mut self, depth: usize) -> Option<List> {
        let mut values = Vec::new();
        self.take("[")?;
        self.skip_space();
        if self.take("]").is_some() {
            return Some(values);
        }
        loop {
            values.push(self.value(depth)?);
            self.skip_space();
            if self.take("]").is_some() {
                return Some(values);
            }
            self.take(",")?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut string = String::new();
        loop {
            let letter = self.text.get(self.at..)?.chars().next()?;
            self.at += letter.len_utf8();
            match letter {
                '"' => return Some(string),
                '\\' => string.push(self.escaped()?),
                '\0'..='\u{1f}' => return None,
                _ => string.push(letter),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.code_unit()?;
                // Beyond the first plane a letter is two of these; half a pair is no letter.
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                self.take("\\u")?;
                let second = self.code_unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + second);
            }
            _ => return None,
        })
    }

    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`; only the first half is ever used.
    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        let _ = self.take("-");
        let has_leading_zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if has_leading_zero && digits > 1 {
            return None;
        }
        let end = self.at;
        if self.take(".").is_some() {
            self.digits()?;
        }
        if self.take("e").or_else(|| self.take("E")).is_some() {
            let _ = self.take("+").or_else(|| self.take("-"));
            self.digits()?;
        }
        let whole = (end == self.at).then(|| self.text[start..end].parse().ok()).flatten();
        Some(whole.map_or(Value::OtherNumber, Value::Integer))
    }

    /// At least one digit; how many there were.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(self.at - start)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::jose::ObjectWriter;

    fn is_read(text: &str) -> bool {
        Object::parse(text.as_bytes()).is_some()
    }

    #[test]
    fn what_was_written_is_what_is_read() {
        let odd = "a\"b\\c\n\u{0}é\u{1f3b5}/";
        let inner = ObjectWriter::default().text("x", "y");
        let text = ObjectWriter::default()
            .text("odd", odd)
            .integer("n", -7)
            .objects("list", [inner.clone(), inner])
            .finish();
        let object = Object::parse(text.as_bytes()).unwrap();
        assert_eq!((object.text("odd"), object.integer("n")), (Some(odd), Some(-7)));
        assert_eq!(object.list("list").unwrap().len(), 2);
        assert_eq!(object.text("n"), None);
    }

    #[test]
    fn escapes_are_read_and_half_a_pair_is_none() {
        let object = Object::parse(br#" { "a" : "\u0041\ud83c\udfb5\/\t" } "#).unwrap();
        assert_eq!(object.text("a"), Some("A\u{1f3b5}/\t"));
        for bad in [r#""\ud83c""#, r#""\udfb5""#, r#""\ud83c\u0041""#, r#""\u00g1""#, r#""\x""#] {
            assert!(!is_read(&format!("{{\"a\":{bad}}}")), "{bad}");
        }
    }

    #[test]
    fn jw_09_a_member_twice_is_refused_however_it_is_written() {
        assert!(!is_read(r#"{"sub":"a","sub":"b"}"#));
        assert!(!is_read(r#"{"sub":"a","s\u0075b":"a"}"#));
        assert!(!is_read(r#"{"x":{"a":1,"a":1}}"#));
    }

    #[test]
    fn jw_12_depth_is_bounded() {
        assert!(is_read(r#"{"a":[[[[[[]]]]]]}"#));
        for depth in [8, 100_000] {
            assert!(!is_read(&format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth))));
            assert!(!is_read(&"{\"a\":".repeat(depth)));
        }
    }

    #[test]
    fn jw_05_only_a_whole_number_that_fits_is_an_integer() {
        let read = |number: &str| {
            Object::parse(format!("{{\"n\":{number}}}").as_bytes())
                .map(|object| object.integer("n"))
        };
        assert_eq!(read("-9223372036854775808"), Some(Some(i64::MIN)));
        for number in ["9223372036854775808", "1.0", "1e3", "1e400", "-0.5E-7", "\"1\"", "null"] {
            assert_eq!(read(number), Some(None), "{number}");
        }
        for bad in ["01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity", "0x1", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn jw_10_nothing_may_stand_around_the_object() {
        for bad in
            ["", "[]", "\"a\"", "{}{}", "{} x", "\u{feff}{}", "{\"a\":1,}", "{a:1}", "{'a':1}"]
        {
            assert!(!is_read(bad), "{bad}");
        }
        assert_eq!(Object::parse(b"{\"a\":\"\xff\"}"), None);
        assert!(!is_read("{\"a\":\"line\nfeed\"}"));
    }
}
