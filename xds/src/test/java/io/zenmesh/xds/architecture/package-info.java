/** What may depend on what. */
@NullMarked
package io.zenmesh.xds.architecture;

import org.jspecify.annotations.NullMarked;
