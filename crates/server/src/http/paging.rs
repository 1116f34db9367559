//! Lists that are longer than a page: which part of one is asked for, and the links to the others.

use hallpass_store::Page;

/// How many rows stand on one page.
const PER_PAGE: u32 = 24;

/// One page of a list, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    number: u32,
}

/// What the links to the neighbouring pages are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// How many rows there are on all pages.
    pub(crate) total: u64,
    /// Which page this is, from 1.
    pub(crate) page: u64,
    /// How many pages there are, at least 1.
    pub(crate) pages: u64,
}

impl Paging {
    /// The page that a query asks for with `page=…`; what is no such number counts as 1 (refusals
    /// DB-08).
    pub(crate) fn asked(query: &str) -> Self {
        let asked = query.split('&').find_map(|word| word.strip_prefix("page="));
        Self::typed(asked.unwrap_or_default())
    }

    /// The page that a form came from.
    pub(crate) fn typed(number: &str) -> Self {
        Self { number: number.parse().ok().filter(|number| *number > 0).unwrap_or(1) }
    }

    /// Its number, from 1.
    pub(crate) fn number(self) -> u32 {
        self.number
    }

    /// The rows to ask the store for.
    pub(crate) fn rows(self) -> Page {
        Page { offset: (self.number - 1).saturating_mul(PER_PAGE), limit: PER_PAGE }
    }

    /// The last page there is, if this one lies beyond it.
    pub(crate) fn if_beyond(self, total: u64) -> Option<Self> {
        let last = last_page(total);
        let beyond = u64::from(self.number) > last;
        beyond.then(|| Self { number: u32::try_from(last).unwrap_or(u32::MAX) })
    }

    /// What this page's links are made of.
    pub(crate) fn of(self, total: u64) -> Pages {
        Pages { total, page: u64::from(self.number), pages: last_page(total) }
    }
}

/// Whether a query brings the bare word `name`: what was just done, after a redirect.
pub(crate) fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|word| word == name)
}

fn last_page(total: u64) -> u64 {
    total.div_ceil(u64::from(PER_PAGE)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn db_08_a_page_number_out_of_range_does_no_harm() {
        for (query, number) in [
            ("page=2", 2),
            ("deleted&page=3", 3),
            ("", 1),
            ("page=0", 1),
            ("page=-1", 1),
            ("page=x", 1),
            ("page=99999999999", 1),
            ("page=4294967295", u32::MAX),
        ] {
            assert_eq!(Paging::asked(query), Paging { number }, "{query}");
        }
        assert_eq!(Paging { number: u32::MAX }.rows().offset, u32::MAX);
    }

    #[test]
    fn a_page_beyond_the_end_is_the_last_one() {
        for (number, total, beyond) in
            [(1, 0, None), (2, 0, Some(1)), (2, 24, Some(1)), (2, 25, None), (99, 200, Some(9))]
        {
            let beyond = beyond.map(|number| Paging { number });
            assert_eq!(Paging { number }.if_beyond(total), beyond, "page {number} of {total} rows");
        }
    }
}
