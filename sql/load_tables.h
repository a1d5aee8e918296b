/* The tables that load.c writes, their columns in the order in which rows are encoded. */
#ifndef LOAD_TABLES_H
#define LOAD_TABLES_H

#include "writer.h"

#define LOAD_TABLES(X)                                                                                       \
    X(TRANSIT, "transit", true, 27,                                                                          \
      "transit_id, message_key, at, born_at, active_at, removed_at, host, queue_id, program, message_id, "   \
      "mail_from, size, nrcpt, client_name, client_ip, client_helo, auth_user, protocol, tls_version, "      \
      "tls_cipher, orig_queue_id, flags, source_id, byte_offset, byte_length, lines, load_id")               \
    X(ATTEMPT, "attempt_log", true, 30,                                                                      \
      "attempt_id, transit_id, message_key, at, recipient, orig_recipient, relay_host, relay_ip, "           \
      "relay_port, "                                                                                         \
      "result, local, code, enhanced, reply, next_queue_id, delay_s, delay_queue_s, delay_active_s, "        \
      "delay_connect_s, delay_transmit_s, tls_version, tls_cipher, stage, reason, provider, rule, "          \
      "source_id, "                                                                                          \
      "byte_offset, byte_length, load_id")                                                                   \
    X(REFUSAL, "refusal", true, 24,                                                                          \
      "refusal_id, message_key, at, host, queue_id, message_id, client_name, client_ip, helo, mail_from, "   \
      "recipient, auth_user, action, stage, reason, provider, rule, code, enhanced, reply, source_id, "      \
      "byte_offset, byte_length, load_id")                                                                   \
    X(NOTIFICATION, "notification", false, 11,                                                               \
      "transit_id, message_key, at, host, queue_id, new_queue_id, type, source_id, byte_offset, "            \
      "byte_length, "                                                                                        \
      "load_id")                                                                                             \
    X(VERDICT, "verdict_log", true, 33,                                                                      \
      "verdict_id, kind, transit_id, message_key, at, host, engine, queue_id, message_id, mail_from, "       \
      "client_ip, recipient, action, result, reason, detail, score, required, tests, method, domain, "       \
      "selector, "                                                                                           \
      "mailbox, session, next_queue_id, code, enhanced, reply, user_agent, source_id, byte_offset, "         \
      "byte_length, load_id")                                                                                \
    X(REJECT, "reject", false, 6, "source_id, byte_offset, byte_length, line, reason, excerpt")              \
    X(FRAGMENT, "fragment", false, 7, "source_id, host, is_head, byte_offset, bytes, edge_at, load_id")      \
    X(SESSION, "log_session", false, 11,                                                                     \
      "host, pid, at, peer, outgoing, wanted, fact_id, tls_version, tls_cipher, source_id, load_id")         \
    X(NEW_REPORT, "dmarc_report", false, 28,                                                                 \
      "report_key, org_name, email, extra_contact_info, report_id, error, generator, version, begin_at, "    \
      "end_at, "                                                                                             \
      "domain, p, sp, np, adkim, aspf, fo, testing, discovery_method, pct, extension, problems, records, "   \
      "messages, source_id, byte_offset, byte_length, load_id")                                              \
    X(NEW_RECORD, "dmarc_record", false, 17,                                                                 \
      "report_key, seq, source_ip, raw_source_ip, count, disposition, raw_disposition, dkim, raw_dkim, "     \
      "spf, "                                                                                                \
      "raw_spf, header_from, envelope_from, envelope_to, reasons, extension, auth_key")                      \
    X(SOURCE, "temp.stage_source", false, 22,                                                                \
      "source_id, path, host, format, sha256, bytes, records, rejected, ignored, recorded_bytes, "           \
      "rejected_bytes, ignored_bytes, first_at, last_at, ingested_at, state, lines, resume_offset, "         \
      "head_length, "                                                                                        \
      "head_sha256, options, load_id")                                                                       \
    X(PATH, "temp.stage_path", false, 3, "source_id, path, file_status")                                     \
    X(MESSAGE, "temp.stage_message", false, 17,                                                              \
      "sha256, message_key, message_id, header_from, return_path, date, subject, folder, mailbox, host, "    \
      "stored_at, raw_bytes, raw, source_id, byte_offset, byte_length, load_id")                             \
    X(REPUTATION, "temp.stage_reputation", false, 24,                                                        \
      "reputation_id, provider, subject_kind, subject, ip, domain, begin_at, end_at, reputation, "           \
      "spam_rate, spf_rate, dkim_rate, dmarc_rate, tls_in_rate, tls_out_rate, rcpt_commands, "               \
      "data_commands, recipients, trap_hits, detail, source_id, byte_offset, byte_length, load_id")          \
    X(AUTH_SET, "temp.stage_auth_set", false, 9,                                                             \
      "auth_key, position, method, domain, selector, scope, result, raw_result, human_result")               \
    X(REPORT, "temp.stage_report", false, 29,                                                                \
      "report_key, org_name, email, extra_contact_info, report_id, error, generator, version, begin_at, "    \
      "end_at, "                                                                                             \
      "domain, p, sp, np, adkim, aspf, fo, testing, discovery_method, pct, extension, problems, records, "   \
      "messages, source_id, byte_offset, byte_length, load_id, instance")                                    \
    X(RECORD, "temp.stage_record", false, 18,                                                                \
      "report_key, seq, source_ip, raw_source_ip, count, disposition, raw_disposition, dkim, raw_dkim, "     \
      "spf, "                                                                                                \
      "raw_spf, header_from, envelope_from, envelope_to, reasons, extension, auth_key, instance")            \
    X(TLS_REPORT, "temp.stage_tls_report", false, 12,                                                        \
      "report_key, organization_name, contact_info, report_id, begin_at, end_at, source_id, byte_offset, "   \
      "byte_length, problems, load_id, instance")                                                            \
    X(TLS_POLICY, "temp.stage_tls_policy", false, 9,                                                         \
      "report_key, policy, policy_type, policy_string, policy_domain, mx_host, successful_sessions, "        \
      "failed_sessions, instance")                                                                           \
    X(TLS_FAILURE, "temp.stage_tls_failure", false, 12,                                                      \
      "report_key, policy, position, result_type, sending_mta_ip, receiving_mx_hostname, "                   \
      "receiving_mx_helo, "                                                                                  \
      "receiving_ip, failed_sessions, additional_information, failure_reason_code, instance")                \
    X(FAILURE, "temp.stage_failure", false, 33,                                                              \
      "failure_key, message_key, at, feedback_type, version, user_agent, reported_by, reported_domain, "     \
      "reported_uri, reporting_mta, source_ip, incidents, arrival_at, original_mail_from, "                  \
      "original_rcpt_to, "                                                                                   \
      "original_envelope_id, original_message_id, original_from, original_subject, original_headers, "       \
      "source_id, "                                                                                          \
      "byte_offset, byte_length, load_id, authentication_results, auth_failure, delivery_result, "           \
      "identity_alignment, dkim_domain, dkim_selector, dkim_identity, spf_dns, journey_id")                  \
    X(COMPLAINT, "temp.stage_complaint", false, 24,                                                          \
      "complaint_key, message_key, at, feedback_type, version, user_agent, reported_by, reported_domain, "   \
      "reported_uri, reporting_mta, source_ip, incidents, arrival_at, original_mail_from, "                  \
      "original_rcpt_to, "                                                                                   \
      "original_envelope_id, original_message_id, original_from, original_subject, original_headers, "       \
      "source_id, "                                                                                          \
      "byte_offset, byte_length, load_id")                                                                   \
    X(DSN, "temp.stage_dsn", false, 23,                                                                      \
      "dsn_key, message_key, at, form, message_id, reported_by, subject, reporting_mta, received_from_mta, " \
      "envelope_id, original_queue_id, arrival_at, original_message_id, original_mail_from, original_from, " \
      "original_subject, original_date, recipients, source_id, byte_offset, byte_length, load_id, instance") \
    X(DSN_RECIPIENT, "temp.stage_dsn_recipient", false, 19,                                                  \
      "dsn_key, position, recipient, original_recipient, action, status, code, enhanced, reply, "            \
      "reply_type, "                                                                                         \
      "remote_mta, last_attempt_at, will_retry_until, final_log_id, stage, reason, provider, rule, "         \
      "instance")                                                                                            \
    X(MAILBOX, "temp.stage_mailbox", false, 7,                                                               \
      "host, username, folder, uidvalidity, last_uid, read_at, instance")                                    \
    X(MAILBOX_PENDING, "temp.stage_mailbox_pending", false, 5, "host, username, folder, uidvalidity, uid")

#define LOAD_TABLE_ENUM(id, name, by_month, n, columns) LOAD_##id,
enum load_table { LOAD_TABLES(LOAD_TABLE_ENUM) LOAD_TABLE_COUNT };

#endif
