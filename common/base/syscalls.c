#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/syscalls.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0u		/* not known: no filter */
#endif

/*
 * What a program needs while it serves.  glibc runs on kernels that lack every
 * call made since 3.2, so it has another way wherever a newer one is ENOSYS.
 * Numbers of 512 and more, among them those of x32, are refused.
 */
static const uint16_t base[] = {
	/* Descriptors. */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64,
	SYS_preadv, SYS_pwritev, SYS_lseek, SYS_close, SYS_fcntl, SYS_flock,
	SYS_ppoll, SYS_pselect6,

	/* Files.  Landlock says which. */
	SYS_openat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs,
	SYS_fstatfs, SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
	SYS_getdents64, SYS_getcwd, SYS_renameat2, SYS_linkat, SYS_unlinkat,
	SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync,
	SYS_sync_file_range, SYS_fadvise64, SYS_fchmod, SYS_fchown, SYS_umask,
#ifdef SYS_renameat
	SYS_renameat,
#endif

	/* The connections that a web server opens to us. */
	SYS_accept, SYS_accept4, SYS_getsockname, SYS_getpeername,
	SYS_getsockopt, SYS_setsockopt, SYS_recvfrom, SYS_recvmsg, SYS_sendto,
	SYS_sendmsg, SYS_shutdown,

	/* Memory.  mmap() and mprotect() have conditions. */
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_msync, SYS_mlock,
	SYS_mlock2, SYS_munlock, SYS_membarrier,

	/* Signals, timers, clocks. */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigpending,
	SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_sigaltstack,
	SYS_restart_syscall, SYS_setitimer, SYS_getitimer, SYS_timer_create,
	SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun,
	SYS_timer_delete, SYS_timerfd_create,
	SYS_timerfd_settime, SYS_clock_gettime, SYS_clock_getres,
	SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,

	/* This process. */
	SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid,
	SYS_getgid, SYS_getegid, SYS_getgroups, SYS_uname, SYS_sysinfo,
	SYS_getrandom, SYS_getrusage, SYS_prlimit64, SYS_futex,
	SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address,
	SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity, SYS_wait4, SYS_exit,
	SYS_exit_group, SYS_landlock_create_ruleset, SYS_landlock_add_rule,
	SYS_landlock_restrict_self,

	/* Older forms, which newer kinds of processors lack. */
#ifdef __x86_64__
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_rename,
	SYS_link, SYS_unlink, SYS_poll, SYS_select, SYS_alarm, SYS_time,
	SYS_getrlimit,
#endif
};

static const uint16_t to_connect[] = {
	SYS_connect, SYS_bind, SYS_sendmmsg, SYS_recvmmsg, SYS_socketpair,
	SYS_pipe2, SYS_eventfd2, SYS_epoll_create1, SYS_epoll_ctl,
	SYS_epoll_pwait,
#ifdef __x86_64__
	SYS_pipe, SYS_epoll_wait,
#endif
};

#define NUMBERS 512
#define WORDS (NUMBERS / 32)
#define LENGTH_MAX 160

struct filter {
	struct sock_filter op[LENGTH_MAX];
	unsigned short n;
	uint32_t allowed[WORDS];
};

#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))

/* The low half of an argument.  All those looked at are ints. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low half of an argument is elsewhere"
#endif
#define ARGUMENT(i) (FIELD(args) + 8 * (i))

#define RETURN_ALLOW SECCOMP_RET_ALLOW
#define RETURN_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)
#define RETURN_EPERM (SECCOMP_RET_ERRNO | EPERM)

static void
put(struct filter *f, int code, uint32_t k, size_t yes, size_t no)
{

	f->op[f->n++] = (struct sock_filter){ (uint16_t)code, (uint8_t)yes,
	    (uint8_t)no, k };
}

static void
load(struct filter *f, uint32_t field)
{

	put(f, BPF_LD | BPF_W | BPF_ABS, field, 0, 0);
}

static void
ends(struct filter *f, uint32_t action)
{

	put(f, BPF_RET | BPF_K, action, 0, 0);
}

static void
add(struct filter *f, const uint16_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		f->allowed[list[i] / 32] |= 1u << list[i] % 32;
}

/* Of the call ${nr}, allow what has none of ${bits} in an argument, or, with
   ${any}, what has one of them. */
static void
by_bits(struct filter *f, long nr, uint32_t argument, uint32_t bits, bool any)
{

	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
	load(f, argument);
	put(f, BPF_JMP | BPF_JSET | BPF_K, bits, any ? 1 : 0, any ? 0 : 1);
	ends(f, RETURN_EPERM);
	ends(f, RETURN_ALLOW);
}

/* Of the call ${nr}, allow what has one of these values in an argument. */
static void
by_value(struct filter *f, long nr, uint32_t argument, const uint32_t *value,
    size_t n)
{
	size_t i;

	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, n + 3);
	load(f, argument);
	for (i = 0; i < n; i++)
		put(f, BPF_JMP | BPF_JEQ | BPF_K, value[i], n - i, 0);
	ends(f, RETURN_EPERM);
	ends(f, RETURN_ALLOW);
}

static void
conditions(struct filter *f, bool connects, bool names)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6,
	    AF_NETLINK };
	static const uint32_t waiting[] = { FIONREAD };
	const uint32_t self[] = { (uint32_t)getpid() };

	/* Nothing that was written becomes a program. */
	by_bits(f, SYS_mmap, ARGUMENT(2), names ? 0 : PROT_EXEC, false);
	by_bits(f, SYS_mprotect, ARGUMENT(2), names ? 0 : PROT_EXEC, false);

	/* abort() */
	by_value(f, SYS_tgkill, ARGUMENT(0), self, 1);
	if (names)
		by_bits(f, SYS_clone, ARGUMENT(0), CLONE_THREAD, true);
	if (!connects)
		return;
	by_value(f, SYS_socket, ARGUMENT(0), families,
	    sizeof(families) / sizeof(families[0]));
	by_value(f, SYS_ioctl, ARGUMENT(1), waiting, 1);
}

/* Look the number up in the map: a word of 32 numbers, then its bit. */
static void
look_up(struct filter *f)
{
	size_t words = 0, i, left;

	for (i = 0; i < WORDS; i++)
		words += f->allowed[i] != 0;
	put(f, BPF_ALU | BPF_AND | BPF_K, 31, 0, 0);
	put(f, BPF_MISC | BPF_TAX, 0, 0, 0);
	load(f, FIELD(nr));
	put(f, BPF_ALU | BPF_RSH | BPF_K, 5, 0, 0);
	for (i = 0, left = words; i < WORDS; i++) {
		if (f->allowed[i] == 0)
			continue;
		left--;
		put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)i, 0, 2);
		put(f, BPF_LD | BPF_W | BPF_IMM, f->allowed[i], 0, 0);
		put(f, BPF_JMP | BPF_JA, (uint32_t)(3 * left + 1), 0, 0);
	}
	ends(f, RETURN_ENOSYS);
	put(f, BPF_ALU | BPF_RSH | BPF_X, 0, 0, 0);
	put(f, BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1);
	ends(f, RETURN_ALLOW);
	ends(f, RETURN_ENOSYS);
}

enum err
syscalls_limit(bool connects, bool names)
{
	struct filter f = { .n = 0 };
	struct sock_fprog program;

	errno = ENOSYS;
	if (ARCHITECTURE == 0u)
		return (ERR_IO);
	add(&f, base, sizeof(base) / sizeof(base[0]));
	if (connects)
		add(&f, to_connect, sizeof(to_connect) / sizeof(to_connect[0]));

	load(&f, FIELD(arch));
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	ends(&f, SECCOMP_RET_KILL_PROCESS);
	load(&f, FIELD(nr));
	put(&f, BPF_JMP | BPF_JGE | BPF_K, NUMBERS, 0, 1);
	ends(&f, RETURN_ENOSYS);
	conditions(&f, connects, names);
	look_up(&f);
	program = (struct sock_fprog){ f.n, f.op };

	/* Without SPEC_ALLOW, older kernels slow down all of the program: they
	   expect a filter only around code of strangers.  TSYNC: a thread may
	   be looking up a name. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC,
	    &program) != 0)
		return (ERR_IO);
	return (ERR_OK);
}
