import './viewer.css';
import './base.css';
