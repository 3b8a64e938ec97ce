/** zenctl, the operator's command line. */
@NullMarked
package io.zenmesh.controlplane.cli;

import org.jspecify.annotations.NullMarked;
