/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Public keys for tests of CT logs, made for them with openssl. */
#ifndef TESTS_UNIT_LOG_KEYS_H
#define TESTS_UNIT_LOG_KEYS_H

#define KEY_P256_A                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkZ5/I8IdLNlNu2PTwCTb2eel9ajS" \
	"+JwFlx0qYu3FqZCA0Il/yu8/gFKWVs0NY4kVDvhf63xDoRAgLJjuHueYKw=="
#define KEY_P256_B                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIFuHwMwEB0yKjZNN31pSAGyBxtK6" \
	"JMRaN6w8YTE/VBkEmMP7k9fzZWFwXEEK7uc+y4B74EXvFQr12JJjpbIeUw=="
#define KEY_P256_C                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu5MG3I3OiqDnjwtdUETZRetPUrP+" \
	"ojE6MNNzOHU3bp/ObAbZmiiGzL+NALTPw4mKx1ITVUXYBEjsjtwyI21U1A=="
/* The last octet of A changed: not on the curve. */
#define KEY_P256_OFF                                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkZ5/I8IdLNlNu2PTwCTb2eel9ajS" \
	"+JwFlx0qYu3FqZCA0Il/yu8/gFKWVs0NY4kVDvhf63xDoRAgLJjuHueYLw=="
#define KEY_P256_COMPRESSED                                                \
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACMrPyjlUWbbtQIPhHQV13utcTQNam" \
	"o6WS+vqqZA/n4dI="
#define KEY_P384                                                           \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE5ktZ9jdQhV91WI+sRAwe3Bjsl8Kbpx56" \
	"fQ84yHtfonzwnpudq74YzCfIDeHrRhxwzkRUrMOWlBngsjvm+gpAvUAyeed0zM2N" \
	"GkJ6PCnXN6FitcpmAT4Rq2AwjVXeIqww"
#define KEY_P521                                                           \
	"MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAC4hu781kTk3eKm1IkBMZnR1xI2Nt" \
	"zDW/asppeiUUmEuCmEdCgJK8SJorE2BJQgPdm7mdX93ghwJuhEJfMF100SABBTQB" \
	"VZKJO82us37W2S4Z9pip4eyEr9LGRljuspWbn6N+T2BYIEQODRFJnM5O6OPYD4By" \
	"woK4vLEW5NeLoDMdrJs="
#define KEY_ED25519 "MCowBQYDK2VwAyEAFvRyiQH68V74uNxjRBiMWMcALBxUtqNG9NumeIQ2518="
#define KEY_RSA_1024                                                       \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDq3PkYJKwLSCgvZ023guzcxA8W" \
	"MtZuuouBbsXcPU9fF6eoN/7RQYK2SOtXlsF6Y0GWxbJgAhKJ+2ujM/ErAPpIcjKL" \
	"uhuLHxh+eaiHVQAvnJ/37/IVjtA6lEz3ivH0gSXQY79CvvO1V7njREIKmyvXJFI6" \
	"kle4cbpTzHuqR0Vc8wIDAQAB"
#define KEY_RSA_2048                                                       \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApNBpOZjDmV3K0hCO+hxk" \
	"emicKw6i2AGacZ+KN2AzBmexiZxK345oTSZcd43uMGpREUzUaCJXFR8vntNrAY/y" \
	"SW9QZvpSkoCQmrQsxhZcIOZkhOcCvf4969/0fuznd0RX/8CnztYq7FlSSpHiYOU0" \
	"uYDvYTjRXuQ5e3EshyzOcA2FcSBvfLBbzQk9ZtnAR01QPaBz+voXxXydLtBZNaWo" \
	"1tyAGHshI88+/En+YaG+WlonB4Skwfm48M5Dl46Kd+6LMx2h4EYNRgcz5GN/EM1u" \
	"+fTNnjVBUYMRxaZiBUeQ5if9Kt1HGw80Z4zo7H0ZQ46nZo7pR817NH5A6ew1yd87" \
	"bQIDAQAB"

#endif
