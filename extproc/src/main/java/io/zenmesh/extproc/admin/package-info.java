/** What an operator sees of a processor: health, readiness and metrics, over HTTPS. */
@NullMarked
package io.zenmesh.extproc.admin;

import org.jspecify.annotations.NullMarked;
