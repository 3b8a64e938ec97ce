package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;

/**
 * An entry as somebody shows it: nothing is known of it yet, and no text is held to a form.
 *
 * @param chain whose chain it is said to be in
 * @param seq the place it claims
 * @param timeMicros microseconds since 1970-01-01T00:00:00Z
 * @param hash the hash it is said to have
 */
public record ClaimedEntry(
    String chain,
    long seq,
    long timeMicros,
    String actorKind,
    String actorId,
    String action,
    String object,
    String outcome,
    String reason,
    String correlation,
    Hash hash) {}
