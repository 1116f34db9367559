//! JSON (RFC 8259), written member by member. Who writes says what stands in which order.

/// Writes one object, member by member.
#[derive(Clone, Debug, Default)]
pub struct ObjectWriter(String);

impl ObjectWriter {
    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        write_text(&mut self.0, value);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn integer(mut self, name: &str, value: i64) -> Self {
        self.begin(name);
        self.0.push_str(&value.to_string());
        self
    }

    /// Adds `true` or `false`.
    #[must_use]
    pub fn boolean(mut self, name: &str, value: bool) -> Self {
        self.begin(name);
        self.0.push_str(if value { "true" } else { "false" });
        self
    }

    /// Adds an object.
    #[must_use]
    pub fn object(mut self, name: &str, object: Self) -> Self {
        self.begin(name);
        self.0.push_str(&object.finish());
        self
    }

    /// Adds a list of texts.
    #[must_use]
    pub fn texts<'a>(mut self, name: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        self.begin(name);
        self.0.push('[');
        for (position, text) in texts.into_iter().enumerate() {
            if position > 0 {
                self.0.push(',');
            }
            write_text(&mut self.0, text);
        }
        self.0.push(']');
        self
    }

    /// Adds a list of objects.
    #[must_use]
    pub fn objects(mut self, name: &str, objects: impl IntoIterator<Item = Self>) -> Self {
        self.begin(name);
        self.0.push('[');
        for (position, object) in objects.into_iter().enumerate() {
            if position > 0 {
                self.0.push(',');
            }
            self.0.push_str(&object.finish());
        }
        self.0.push(']');
        self
    }

    /// The object's text.
    pub fn finish(self) -> String {
        format!("{{{}}}", self.0)
    }

    fn begin(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        write_text(&mut self.0, name);
        self.0.push(':');
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
}
