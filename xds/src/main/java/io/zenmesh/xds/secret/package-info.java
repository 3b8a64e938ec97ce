/** Secret bytes and what carries them: the only types in which a secret may travel. */
@NullMarked
package io.zenmesh.xds.secret;

import org.jspecify.annotations.NullMarked;
