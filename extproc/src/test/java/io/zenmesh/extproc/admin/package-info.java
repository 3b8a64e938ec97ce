/** Tests of what operators see. */
@NullMarked
package io.zenmesh.extproc.admin;

import org.jspecify.annotations.NullMarked;
