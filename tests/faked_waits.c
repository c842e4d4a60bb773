/* Timed waits that libfaketime 0.9.10 does not know (glibc 2.30 brought them): without this a lock's time-out under a shifted clock
   is off by the shift, and Python's `acquire(timeout=...)` waits for hours. Loaded beside it by `script/test at HH:MM`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The same moment by the kernel's own clock, which nobody shifts. */
static struct timespec unshifted(clockid_t clock, const struct timespec *until) {
    struct timespec told, real;
    clock_gettime(clock, &told);
    syscall(SYS_clock_gettime, clock, &real);
    long long left = (until->tv_sec - told.tv_sec) * 1000000000LL + until->tv_nsec - told.tv_nsec;
    long long then = real.tv_sec * 1000000000LL + real.tv_nsec + (left > 0 ? left : 0);
    return (struct timespec){.tv_sec = then / 1000000000LL, .tv_nsec = then % 1000000000LL};
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
    int (*next)(sem_t *, clockid_t, const struct timespec *) = dlsym(RTLD_NEXT, "sem_clockwait");
    struct timespec then = unshifted(clock, until);
    return next(semaphore, clock, &then);
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until) {
    int (*next)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    struct timespec then = unshifted(clock, until);
    return next(condition, mutex, clock, &then);
}
