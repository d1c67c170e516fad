// SPDX-License-Identifier: GPL-2.0-only
/* The agent device: open it, say hello, ask for what a request pins. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/capcert_agent.h>
#include "helpers/common/agent.h"
#include "helpers/common/log.h"
#include "helpers/common/service.h"

int agent_open(void)
{
	int fd = service_fd(AGENT_FD_NAME);
	int flags;

	if (fd == -ENOENT) {
		fd = open(CAPCERT_AGENT_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		return fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		return fd;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return fd;
}

int agent_open_failed(int error)
{
	if (error == -ENOENT || error == -ENXIO || error == -ENODEV)
		log_line(LOG_ERR,
			 CAPCERT_AGENT_DEVICE ": the module is not loaded: modprobe capcert");
	else if (error == -EACCES || error == -EPERM)
		log_line(LOG_ERR, CAPCERT_AGENT_DEVICE ": needs root (CAP_SYS_ADMIN) to open");
	else
		log_line(LOG_ERR, CAPCERT_AGENT_DEVICE ": %s", strerror(-error));
	return 1;
}

int agent_hello(int fd, uint32_t class, uint32_t clock, size_t *ret_max_request)
{
	struct capcert_agent_hello hello = {
		.size = sizeof(hello),
		.class = class,
		.abi = CAPCERT_ABI_VERSION,
		.clock = clock,
	};

	if (ioctl(fd, CAPCERT_AGENT_HELLO, &hello) < 0)
		return -errno;
	*ret_max_request = hello.max_request;
	return 0;
}

int agent_state(int fd, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf, uint32_t len)
{
	struct capcert_agent_state state = {
		.size = sizeof(state),
		.id = id,
		.what = what,
		.index = index,
		.len = len,
		.buf = (uint64_t)(uintptr_t)buf,
	};

	if (ioctl(fd, CAPCERT_AGENT_STATE, &state) < 0)
		return -errno;
	return state.ret_len == len ? 0 : -EPROTO;
}
