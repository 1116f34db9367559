//! What every store must pass, races included.
//!
//! Each case is a function that takes an empty store and panics if the store breaks a promise of
//! [`Store`](crate::Store). A store's test file says how an empty one is made, and
//! [`conformance_tests`](crate::conformance_tests) makes a test of each case:
//!
//! ```text
//! async fn empty_store() -> (Arc<dyn Store>, TempDir) { … }
//!
//! hallpass_store::conformance_tests!(empty_store);
//! ```
//!
//! The second part of what the function answers is kept until the case has ended.

// Cases fail by panicking; their names say all that a doc comment could.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod actors;

pub mod accounts;
pub mod authorize;
pub mod changes;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod declare;
pub mod facts;
pub mod keys;
pub mod origins;
pub mod profiles;
pub mod refresh;
pub mod revocations;
pub mod sealed_codes;
pub mod sessions;
pub mod sign_out;
pub mod upkeep;
pub mod withdrawals;

/// One `#[tokio::test]` for each case of the suite, on a store that the function given makes.
#[macro_export]
macro_rules! conformance_tests {
    ($empty_store:path) => {
        $crate::conformance_tests! { @each $empty_store:
            accounts {
                an_account_is_found_by_its_id_its_name_and_its_address
                names_and_addresses_are_compared_without_case
                a_taken_name_or_address_stores_nothing
                the_status_of_an_account_comes_back
                st_10_of_a_hundred_people_who_want_one_name_one_gets_it
                st_10_of_a_hundred_people_with_one_address_one_gets_in
            }
            authorize {
                of_what_is_not_known_there_is_nothing
                each_fact_is_there_without_the_others
                a_consent_is_shown_only_to_its_account_and_its_client
                what_no_longer_counts_is_shown_as_it_is
            }
            changes {
                a_client_that_is_added_changed_or_deleted_is_told
                what_changed_nothing_is_not_told
                a_declaration_and_new_keys_are_told
                changes_are_told_page_by_page
                who_follows_misses_nothing_while_a_hundred_acts_are_taken
            }
            clients {
                a_client_comes_back_as_it_was_registered
                the_openid_settings_of_a_client_come_back_and_are_replaced
                texts_in_any_script_come_back_unchanged
                a_client_is_owned_by_its_owner_only
                the_newest_client_is_listed_first
                a_page_past_the_end_still_knows_the_total
                an_update_changes_what_the_owner_may_edit_and_nothing_else
                nobody_updates_the_client_of_somebody_else
                nobody_deletes_the_client_of_somebody_else
                a_deleted_client_takes_its_consents_along
                a_taken_id_is_refused_and_changes_nothing
                a_client_without_an_owner_is_refused
            }
            codes {
                a_code_is_on_record_with_the_approval_that_it_was_issued_on
                of_a_code_that_is_not_known_there_is_nothing
                a_code_is_shown_to_whoever_brings_it
                a_code_rests_on_the_consent_in_force
                a_code_on_an_earlier_consent_is_recorded_only_while_that_is_there
                a_code_is_recorded_only_in_an_open_session_of_its_account
                a_code_is_recorded_only_while_account_and_client_are_active
                an_answer_sent_twice_makes_one_code
                of_a_hundred_equal_answers_one_makes_the_code
                an_exchange_begins_the_family_and_uses_the_consent
                a_code_is_exchanged_without_a_family_where_none_is_wanted
                tk_02_of_a_hundred_exchanges_of_one_code_one_is_done
                tk_08_a_code_is_gone_when_its_client_or_its_account_is_shut
                tk_08_a_code_is_gone_when_its_consent_is
                tk_08_a_code_is_gone_when_its_session_is
                an_exchange_that_cannot_be_stored_leaves_the_code_unused
                an_exchange_that_races_a_withdrawal_leaves_no_family
                a_code_and_its_family_tell_how_the_person_signed_in
                an_answer_sent_twice_has_the_nonce_of_the_first
            }
            consents {
                the_first_approval_begins_the_family
                a_later_approval_widens_the_consent_and_keeps_the_family
                an_approval_of_no_scopes_is_remembered
                a_consent_may_hold_more_scopes_than_one_request
                an_approval_counts_only_in_an_open_session
                an_approval_counts_only_in_a_session_of_its_account
                an_approval_counts_only_while_account_and_client_are_active
                a_hundred_approvals_at_once_are_one_family_with_all_scopes
                an_approval_that_races_a_sign_out_counts_if_and_only_if_it_was_answered
                an_approval_that_races_the_deletion_of_its_client_leaves_nothing
            }
            declare {
                what_is_not_there_is_added
                what_is_there_is_replaced_and_keeps_its_date
                what_a_file_ends_has_ended_with_it
                what_is_not_named_stays
                consents_and_sessions_outlive_a_declaration
                scopes_keep_the_order_of_their_first_declaration
                a_name_of_somebody_else_changes_nothing
                an_address_of_somebody_else_changes_nothing
                two_accounts_with_one_name_change_nothing
                accounts_may_swap_their_names
                a_client_of_nobody_changes_nothing
                an_api_comes_back_and_is_replaced_by_its_identifier
                a_code_and_its_family_keep_the_api_that_they_are_for
            }
            facts {
                a_request_finds_session_and_consent_as_each_act_leaves_them
                a_code_and_a_family_find_client_and_consent_as_each_act_leaves_them
                a_code_that_was_just_issued_is_as_each_act_leaves_it
            }
            keys {
                keys_come_back_in_the_order_in_which_they_become_active
                keys_that_are_there_are_not_replaced
                a_key_is_added_for_each_purpose_that_has_none
                of_twenty_processes_that_start_at_once_one_makes_the_keys
                the_next_key_comes_after_the_newest_and_is_told
                of_twenty_next_keys_at_once_one_is_added
                a_revoked_key_goes_as_its_successor_comes
                of_twenty_revocations_of_a_key_at_once_one_replaces_it
                keys_are_removed_but_never_the_last_of_a_purpose
            }
            origins {
                the_origins_of_an_active_public_client_are_known
                an_origin_is_known_whole_and_as_a_browser_sends_it
                an_origin_is_known_as_long_as_a_client_has_it
            }
            profiles {
                who_tells_nothing_has_an_empty_profile
                what_a_person_tells_comes_back_in_any_script
                what_is_told_anew_leaves_nothing_of_what_was_told_before
                what_is_known_to_be_true_is_not_the_owners_to_say
                nobody_and_who_is_shut_out_tell_nothing
                what_a_person_tells_is_told_to_those_who_follow
                a_declared_profile_replaces_all_that_was_told
                an_account_declared_without_a_profile_keeps_it
                an_address_that_is_declared_anew_is_not_known
            }
            refresh {
                of_a_family_that_is_not_known_there_is_nothing
                a_family_is_shown_to_whoever_brings_its_token
                a_rotation_moves_the_family_on_and_uses_the_consent
                only_the_newest_generation_is_rotated
                rf_02_of_a_hundred_refreshes_from_one_generation_one_is_done
                rf_03_after_a_revocation_no_refresh_is_done
                rf_10_a_family_goes_with_its_consent
                rf_11_a_family_stands_still_while_its_client_or_its_account_is_shut
            }
            revocations {
                acts_are_told_in_the_order_of_their_numbers
                an_act_that_is_on_record_is_recorded_once_more
                of_a_hundred_acts_at_once_each_has_its_number
                rf_01_an_end_is_that_of_one_family_and_no_other
                a_code_of_an_ended_authorization_is_gone_and_a_used_one_stays_known
                the_end_of_a_consent_takes_it_and_all_that_rests_on_it
                the_end_of_an_account_is_that_of_all_its_families_and_codes
                the_end_of_a_client_is_that_of_all_its_families_and_codes
                the_deletion_of_a_client_is_told
            }
            sealed_codes {
                the_exchange_of_a_sealed_code_begins_the_family_and_uses_the_consent
                a_sealed_code_is_exchanged_without_a_family_where_none_is_wanted
                tk_02_of_a_hundred_exchanges_of_one_sealed_code_one_is_done
                of_a_hundred_sealed_codes_each_is_exchanged
                tk_08_a_sealed_code_is_gone_when_its_client_or_its_account_is_shut
                tk_08_a_sealed_code_is_gone_when_its_consent_is
                tk_08_a_sealed_code_is_gone_when_its_session_is
                an_exchange_that_cannot_be_stored_leaves_a_sealed_code_unused
                a_sealed_exchange_that_races_a_withdrawal_leaves_no_family
                the_use_of_a_sealed_code_stays_known_for_as_long_as_that_of_any
            }
            sessions {
                an_open_session_leads_to_its_account
                a_new_session_closes_the_one_that_it_replaces
                a_replacement_that_fails_closes_nothing
                lg_29_a_closed_session_is_shown_by_no_fact
                closing_one_session_leaves_the_others
                a_session_of_nobody_is_refused
            }
            sign_out {
                a_closed_session_leaves_a_notice_for_each_client_that_joined
                nobody_joins_a_session_that_is_not_there
                a_replaced_session_is_closed_like_any_other
                all_sessions_of_an_account_are_closed_and_no_others
                a_claimed_notice_is_due_again_until_it_is_forgotten
                a_claim_takes_no_more_than_it_may_and_the_longest_due_first
                lo_06_of_a_hundred_claims_at_once_each_notice_has_one
                a_client_that_joins_while_a_session_is_closed_is_told_if_it_was_answered
                a_hundred_joins_of_one_client_are_one
                a_notice_tells_that_its_client_is_gone
                a_purge_removes_who_joined_what_expired_and_notices_that_are_too_old
                rf_11_what_follows_from_a_session_ends_with_it_unless_it_may_outlast_it
            }
            upkeep {
                a_purge_removes_what_has_ended_and_nothing_else
                a_purge_removes_no_more_than_it_may_and_the_oldest_first
                a_used_code_stays_known_for_an_hour_after_its_longest_life
                a_family_is_purged_when_its_time_is_over_also_an_ended_one
                numbers_of_revocations_rise_over_a_purge
                a_purge_takes_no_more_than_it_may_of_each_kind
                a_good_store_answers_a_check
                a_closed_store_refuses_instead_of_forgetting
            }
            withdrawals {
                what_an_account_allows_is_listed_with_what_was_used_last_first
                an_approval_counts_as_use
                a_slow_use_does_not_set_the_time_back
                consents_are_listed_page_by_page
                a_withdrawn_consent_goes_with_all_that_rests_on_it
                what_was_never_allowed_cannot_be_withdrawn
                of_a_hundred_withdrawals_one_takes_the_consent
                after_a_withdrawal_another_consent_begins
            }
        }
    };
    (@each $empty_store:path: $($noun:ident { $($case:ident)* })*) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let (store, _kept) = $empty_store().await;
                $crate::conformance::$noun::$case(store).await;
            }
        )*)*
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_case_is_forgotten() {
        let cases = [
            include_str!("accounts.rs"),
            include_str!("authorize.rs"),
            include_str!("changes.rs"),
            include_str!("clients.rs"),
            include_str!("codes.rs"),
            include_str!("consents.rs"),
            include_str!("declare.rs"),
            include_str!("keys.rs"),
            include_str!("origins.rs"),
            include_str!("profiles.rs"),
            include_str!("refresh.rs"),
            include_str!("revocations.rs"),
            include_str!("sessions.rs"),
            include_str!("upkeep.rs"),
            include_str!("withdrawals.rs"),
        ];
        let listed = include_str!("mod.rs");
        for line in cases.iter().flat_map(|file| file.lines()) {
            if let Some(rest) = line.strip_prefix("pub async fn ") {
                let case = rest.split('(').next().unwrap();
                assert!(listed.lines().any(|line| line.trim() == case), "{case} is not listed");
            }
        }
    }
}
