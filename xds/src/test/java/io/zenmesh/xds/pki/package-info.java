/**
 * The development PKI: what {@code ./zen up} and the tests of every module issue their certificates
 * with. It lives in the test jar on purpose: neither process of the product carries it.
 */
@NullMarked
package io.zenmesh.xds.pki;

import org.jspecify.annotations.NullMarked;
