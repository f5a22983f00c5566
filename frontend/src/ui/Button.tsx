import type { ComponentPropsWithRef, ReactNode } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx";

type Kind = "primary" | "plain" | "quiet" | "danger";

interface ButtonProps extends ComponentPropsWithRef<"button"> {
  kind?: Kind;
  size?: "md" | "lg";
  busy?: boolean;
  icon?: ReactNode;
}

export function Button({ kind = "plain", size = "md", busy, icon, className, children, type = "button", disabled, onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(styles.button, styles[kind], size === "lg" && styles.large, className)}
      disabled={disabled}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <span className={styles.spinner} aria-hidden /> : icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentPropsWithRef<"button">, "aria-label"> {
  label: string;
}

export function IconButton({ label, className, type = "button", children, ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} aria-label={label} title={label} className={cx(styles.icon, className)}>
      {children}
    </button>
  );
}
