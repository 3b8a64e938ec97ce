package io.zenmesh.extproc.signature;

import java.util.Optional;

/**
 * What a part of a scheme holds for.
 *
 * @param source what is looked at
 * @param equal what it must be; empty when it only has to be there
 */
record Condition(ValueSource source, Optional<String> equal) {}
