/** Proves that no secret is in any log, status page, metric or refusal. */
@NullMarked
package io.zenmesh.e2e.secrets;

import org.jspecify.annotations.NullMarked;
