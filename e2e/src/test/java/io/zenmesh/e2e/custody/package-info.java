/** Proves that secrets and keys change under load without a good message lost. */
@NullMarked
package io.zenmesh.e2e.custody;

import org.jspecify.annotations.NullMarked;
